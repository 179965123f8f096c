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

/** Writes contests and their rules. Concurrent changes by several processes are all kept. */
export class ContestWriter {
  readonly #redis: Redis;
  readonly #cache: ContestCache;
  readonly #rules: PartitionRules;

  constructor(redis: Redis, cache: ContestCache, rules: PartitionRules) {
    this.#redis = redis;
    this.#cache = cache;
    this.#rules = rules;
  }

  /**
   * False if a contest with this id exists. Writes the rules first: edges must not accept votes that lack a tally rule.
   */
  async add(contest: Contest): Promise<boolean> {
    await this.#rules.write(contest, 'HSETNX');
    const json = JSON.stringify(contest);
    const added = await this.#redis.send(contestsKey, ['HSETNX', contestsKey, contest.id, json], parseInteger);
    // A failed attempt may have left other rules behind.
    if (added === 1) await this.#rules.write(contest, 'HSET');
    await this.#cache.announce(contest.id);
    return added === 1;
  }

  /**
   * Replaces a contest with the result of `make`, rules first. If another process changes it in the meantime, `make` is
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
        // The contest was deleted between attempts, so the rules of the first attempt must not stay.
        if (deleted) await this.#rules.writeDeleted(id, deleted.rule, 'HSET');
        return { ok: false, reason: 'unknown' };
      }
      const { text, contest: old } = stored;
      const outcome = hasChanged(old, tag)
        ? ({ ok: false, reason: 'changed', contest: old } as const)
        : await this.#checked(await make(old));
      const contest = outcome.ok ? outcome.contest : old;
      // After a lost race, the partitions have rules that belong to no version.
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
      // From here on the tally skips votes up to `countsFrom`; `clear` removes everything counted before that.
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
      // Later than any vote that an edge may still accept.
      const at = new Date((await this.#rules.now()) + CLOSE_DELAY_MS).toISOString();
      await this.#cache.deleted.add(id, { rule: contest.rule, at, ...(log === 'deleted' && { log }) });
      if (!(await replaceContest(this.#redis, id, text, ''))) continue;
      await this.#cache.announce(id);
      // No deadline: from then on the tally counts none of its votes.
      const before = Number.MAX_SAFE_INTEGER;
      await this.#rules.clear({ contest: id, rule: deletedRuleText(contest.rule), before, keepVersion: false });
      return { ok: true, contest };
    }
  }
}

function hasChanged(contest: Contest, tag: string | undefined): boolean {
  return tag !== undefined && tag !== contestTag(contest);
}
