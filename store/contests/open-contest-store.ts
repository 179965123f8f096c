import { isDeepStrictEqual } from 'node:util';
import type { Redis } from '../redis/redis.ts';
import { parseInteger } from '../redis/replies.ts';
import { contestsKey } from '../streams/keys.ts';
import type { Contest } from './contest.ts';
import { ContestCache } from './contest-cache.ts';
import type { ContestOutcome, ContestStore } from './contest-store.ts';
import { ContestWriter } from './contest-writer.ts';
import { defaultContests } from './default-contests.ts';
import { closed, MAX_PAUSES, opened, paused } from './fields/contest-times.ts';
import { equalLabels, updated } from './fields/contest-update.ts';
import { parseContest } from './fields/parse-contest.ts';
import { createOrigin, hasOrigin } from './records/contest-origin.ts';
import { contestRuleText, deletedRuleText } from './rules/contest-rule.ts';
import { PartitionRules } from './rules/partition-rules.ts';
import type { SavedContests } from './saved-contests.ts';

export interface ContestStoreOptions {
  readonly redis: Redis;
  readonly partitions: number;
  /** Milliseconds between polls for changes whose message was lost. Default 2,000. */
  readonly pollMs?: number;
}

/** Opens the contest store. The first process of a deployment creates the default contests. */
export async function openContestStore(options: ContestStoreOptions): Promise<ContestStore> {
  const store = new RedisContestStore(options);
  await store.start(options.pollMs ?? 2000);
  return store;
}

class RedisContestStore extends ContestCache implements ContestStore {
  readonly #redis: Redis;
  readonly #rules: PartitionRules;
  readonly #writer: ContestWriter;

  constructor({ redis, partitions }: ContestStoreOptions) {
    super(redis);
    this.#redis = redis;
    this.#rules = new PartitionRules(redis, partitions);
    this.#writer = new ContestWriter(redis, this, this.#rules);
  }

  async start(pollMs: number): Promise<void> {
    for (const contest of defaultContests) {
      const there = await this.#redis.send(contestsKey, ['HEXISTS', contestsKey, contest.id], parseInteger);
      if (there === 0 && !(await hasOrigin(this.#redis))) await this.#writer.add(contest);
    }
    await createOrigin(this.#redis);
    await this.load();
    // Restores the rules of partitions that lost their data.
    for (const contest of this.list()) await this.#rules.write(contest, 'HSETNX');
    for (const id of this.deleted.ids()) await this.#rules.writeDeleted(id, this.ruleOf(id) ?? 'open', 'HSETNX');
    // Last, so that a failed start leaves no subscription behind.
    await this.follow(pollMs);
  }

  async create(input: unknown): Promise<ContestOutcome> {
    const parsed = parseContest(input);
    if (!parsed.ok) return { ...parsed, reason: 'invalid' };
    const errors = equalLabels(parsed.contest);
    if (errors.length > 0) return { ok: false, reason: 'invalid', errors };
    const { id } = parsed.contest;
    await this.deleted.refresh();
    const deleted = this.deleted.get(id);
    if (deleted !== undefined && deleted.rule !== parsed.contest.rule) {
      const message = `rule must be "${deleted.rule}", as in the deleted contest ${id}; or choose another id.`;
      return { ok: false, reason: 'invalid', errors: [{ field: 'rule', message }] };
    }
    // The log may have votes of a deleted contest with this id, which a recount must not count.
    const contest = deleted === undefined ? parsed.contest : { ...parsed.contest, countsFrom: deleted.at };
    return (await this.#writer.add(contest)) ? { ok: true, contest } : { ok: false, reason: 'exists', id };
  }

  update(id: string, input: unknown, tag?: string): Promise<ContestOutcome> {
    return this.#writer.change(id, tag, async (old) => {
      const parsed = updated(old, input);
      return parsed.ok ? parsed : { ...parsed, reason: 'invalid' };
    });
  }

  close(id: string, tag?: string): Promise<ContestOutcome> {
    return this.#writer.change(id, tag, async (old) => ({ ok: true, contest: closed(old, await this.#rules.now()) }));
  }

  pause(id: string, tag?: string): Promise<ContestOutcome> {
    return this.#writer.change(id, tag, async (old) => {
      const contest = paused(old, await this.#rules.now());
      if (contest !== undefined) return { ok: true, contest };
      const detail = `A contest can be paused ${MAX_PAUSES} times; close and reopen it instead`;
      return { ok: false, reason: 'limit', detail };
    });
  }

  open(id: string, tag?: string): Promise<ContestOutcome> {
    return this.#writer.change(id, tag, async (old) => ({ ok: true, contest: opened(old, await this.#rules.now()) }));
  }

  reset(id: string): Promise<ContestOutcome> {
    return this.#writer.reset(id);
  }

  remove(id: string, log?: 'kept' | 'deleted'): Promise<ContestOutcome> {
    return this.#writer.remove(id, log);
  }

  async restoreSaved({ contests, deleted }: SavedContests): Promise<void> {
    const rules = [
      ...contests.map(contestRuleText),
      ...Object.values(deleted).map(({ rule }) => deletedRuleText(rule)),
    ];
    for (const rule of rules) {
      const refusal = await this.#rules.refusal(rule);
      if (refusal !== undefined) throw new Error(refusal);
    }
    const kept = new Set(contests.map(({ id }) => id));
    for (const [id, contest] of Object.entries(deleted)) {
      if (this.deleted.get(id) !== undefined) continue;
      await this.deleted.add(id, contest);
      if (isUntouchedDefault(this.get(id)) && !kept.has(id)) await this.remove(id);
      else await this.#rules.writeDeleted(id, contest.rule, 'HSETNX');
    }
    for (const contest of contests) {
      if (await this.#writer.add(contest)) continue;
      await this.#writer.change(contest.id, undefined, async (old) => ({
        ok: true,
        contest: isUntouchedDefault(old) ? contest : old,
      }));
    }
  }
}

function isUntouchedDefault(contest: Contest | undefined): boolean {
  return defaultContests.some((made) => isDeepStrictEqual(made, contest));
}
