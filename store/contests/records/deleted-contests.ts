import * as v from 'valibot';
import type { Redis } from '../../redis/redis.ts';
import { parseText, recordOf } from '../../redis/replies.ts';
import { deletedContestsKey } from '../../streams/keys.ts';
import type { ContestRule } from '../contest.ts';

export interface DeletedContest {
  readonly rule: ContestRule;
  /** ISO 8601 in UTC; none of its votes is later. */
  readonly at: string;
  /** Present if its votes are deleted from the log as well. */
  readonly log?: 'deleted' | undefined;
}

export const deletedContestSchema = v.object({
  rule: v.picklist(['one-per-voter', 'open']),
  at: v.pipe(v.string(), v.isoTimestamp()),
  log: v.optional(v.literal('deleted')),
});

const schema = v.pipe(v.string(), v.parseJson(), deletedContestSchema);

/**
 * The deleted contests. A stream entry holds votes for several contests, so a vote for a deleted one must not block it;
 * and a new contest with the same id must not count the old contest's votes in the log.
 */
export class DeletedContests {
  readonly #redis: Redis;
  #byId = new Map<string, DeletedContest>();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  ids(): string[] {
    return [...this.#byId.keys()];
  }

  entries(): Record<string, DeletedContest> {
    return Object.fromEntries(this.#byId);
  }

  get(id: string): DeletedContest | undefined {
    return this.#byId.get(id);
  }

  async add(id: string, contest: DeletedContest): Promise<void> {
    await this.#redis.send(deletedContestsKey, ['HSET', deletedContestsKey, id, JSON.stringify(contest)]);
    this.#byId.set(id, contest);
  }

  /** Adds to the contests in memory and removes none: Redis may have lost them, and `restore` writes them back. */
  async refresh(): Promise<void> {
    const fields = await this.#redis.send(deletedContestsKey, ['HGETALL', deletedContestsKey], recordOf(parseText));
    for (const [id, text] of Object.entries(fields)) {
      const parsed = v.safeParse(schema, text);
      if (parsed.success) this.#byId.set(id, parsed.output);
    }
  }

  /** Writes records that Redis lost back to it. */
  async restore(): Promise<void> {
    for (const [id, contest] of this.#byId) {
      await this.#redis.send(deletedContestsKey, ['HSETNX', deletedContestsKey, id, JSON.stringify(contest)]);
    }
  }
}
