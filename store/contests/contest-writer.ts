import type { Redis } from '../redis/redis.ts';
import { parseInteger } from '../redis/replies.ts';
import { contestsKey } from '../streams/keys.ts';
import type { Contest } from './contest.ts';
import type { ContestCache } from './contest-cache.ts';
import type { ContestOutcome } from './contest-store.ts';
import { contestTag } from './fields/contest-tag.ts';
import { CLOSE_DELAY_MS } from './fields/contest-times.ts';
import { replaceContest } from './records/replace-contest.ts';
import { readStoredContest } from './records/stored-contests.ts';
import { contestRuleText, deletedRuleText } from './rules/contest-rule.ts';
import type { PartitionRules } from './rules/partition-rules.ts';

/** Writes contests and their rules, so that concurrent changes by several processes are all kept. */
export class ContestWriter {
  readonly #redis: Redis;
  readonly #cache: ContestCache;
  readonly #rules: PartitionRules;

  constructor(redis: Redis, cache: ContestCache, rules: PartitionRules) {
    this.#redis = redis;
    this.#cache = cache;
    this.#rules = rules;
  }

  /** False if a contest with this id exists. The rules go first: no edge may accept a vote that the tally has no rule for. */
  async add(contest: Contest): Promise<boolean> {
    await this.#rules.write(contest, 'HSETNX');
    const json = JSON.stringify(contest);
    const added = await this.#redis.send(contestsKey, ['HSETNX', contestsKey, contest.id, json], parseInteger);
    // An earlier attempt may have left rules of another kind behind.
    if (added === 1) await this.#rules.write(contest, 'HSET');
    await this.#cache.announce(contest.id);
    return added === 1;
  }

  /**
   * Replaces a contest by what `make` returns for it, rules first. If another process changed it meanwhile, `make` is
   * called again with the new version, so that neither change is lost.
   */
  async change(
    id: string,
    tag: string | undefined,
    make: (old: Contest) => Promise<ContestOutcome>,
  ): Promise<ContestOutcome> {
    for (let tries = 0; ; tries++) {
      const stored = await readStoredContest(this.#redis, id);
      if (stored === undefined) {
        const deleted = tries > 0 && this.#cache.deleted.get(id);
        // The rules of the attempt that lost must not outlive the contest.
        if (deleted) await this.#rules.writeDeleted(id, deleted.rule, 'HSET');
        return { ok: false, reason: 'unknown' };
      }
      const { text, contest: old } = stored;
      const outcome = isOther(old, tag)
        ? ({ ok: false, reason: 'changed', contest: old } as const)
        : await this.#checked(await make(old));
      const contest = outcome.ok ? outcome.contest : old;
      // An attempt that lost the race wrote rules that belong to no version.
      if (contest !== old || tries > 0) await this.#rules.write(contest, 'HSET');
      if (contest === old) return outcome.ok ? { ...outcome, before: old } : outcome;
      if (!(await replaceContest(this.#redis, id, text, JSON.stringify(contest)))) continue;
      await this.#cache.announce(id);
      return outcome.ok ? { ...outcome, before: old } : outcome;
    }
  }

  async #checked(outcome: ContestOutcome): Promise<ContestOutcome> {
    const detail = outcome.ok ? await this.#rules.refusal(contestRuleText(outcome.contest)) : undefined;
    return detail === undefined ? outcome : { ok: false, reason: 'limit', detail };
  }

  async reset(id: string): Promise<ContestOutcome> {
    for (;;) {
      const outcome = await this.change(id, undefined, async (old) => {
        const countsFrom = new Date((await this.#rules.now()) + CLOSE_DELAY_MS).toISOString();
        return { ok: true, contest: { ...old, countsFrom } };
      });
      if (!outcome.ok) return outcome;
      const { contest } = outcome;
      // From here on the tally skips votes up to `countsFrom`, so whatever is counted before that is removed.
      const before = Date.parse(contest.countsFrom ?? '');
      const rule = contestRuleText(contest);
      if (await this.#rules.clear({ contest: id, rule, before, keepVersion: true })) return outcome;
    }
  }

  async remove(id: string, log: 'kept' | 'deleted' = 'kept'): Promise<ContestOutcome> {
    for (;;) {
      const stored = await readStoredContest(this.#redis, id);
      if (stored === undefined) return { ok: false, reason: 'unknown' };
      const { text, contest } = stored;
      const refusal = await this.#rules.refusal(deletedRuleText(contest.rule));
      if (refusal !== undefined) return { ok: false, reason: 'limit', detail: refusal };
      // Later than every vote that an edge may still accept.
      const at = new Date((await this.#rules.now()) + CLOSE_DELAY_MS).toISOString();
      await this.#cache.deleted.add(id, { rule: contest.rule, at, ...(log === 'deleted' && { log }) });
      if (!(await replaceContest(this.#redis, id, text, ''))) continue;
      await this.#cache.announce(id);
      // No moment is too late: the tally counts no vote from then on.
      const before = Number.MAX_SAFE_INTEGER;
      await this.#rules.clear({ contest: id, rule: deletedRuleText(contest.rule), before, keepVersion: false });
      return { ok: true, contest };
    }
  }
}

function isOther(contest: Contest, tag: string | undefined): boolean {
  return tag !== undefined && tag !== contestTag(contest);
}
