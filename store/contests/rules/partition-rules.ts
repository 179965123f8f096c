import { findOlderProcesses, raiseSchema } from '../../deployment/raise-schema.ts';
import { FIRST_REDIS_SCHEMA, schemaOfRule } from '../../deployment/redis-schema.ts';
import type { Redis } from '../../redis/redis.ts';
import { rulesKey } from '../../streams/keys.ts';
import type { Contest, ContestRule } from '../contest.ts';
import { type ClearOptions, clearContest, readStreamTime } from './clear-contest.ts';
import { contestRuleText, deletedRuleText } from './contest-rule.ts';

/** `HSETNX` writes only to partitions that have no rule for this contest yet. */
type WriteCommand = 'HSET' | 'HSETNX';

/** The contest rules in each partition, which the tally reads. */
export class PartitionRules {
  readonly #redis: Redis;
  readonly #partitions: readonly number[];

  constructor(redis: Redis, partitions: number) {
    this.#redis = redis;
    this.#partitions = Array.from({ length: partitions }, (_, partition) => partition);
  }

  write(contest: Contest, command: WriteCommand): Promise<void> {
    return this.#write(contest.id, contestRuleText(contest), command);
  }

  writeDeleted(id: string, rule: ContestRule, command: WriteCommand): Promise<void> {
    return this.#write(id, deletedRuleText(rule), command);
  }

  /**
   * Must be called before a rule is written: checks that every running process can read it, and keeps older versions
   * from starting later. Returns the reason not to write it; undefined if it may be written.
   */
  async refusal(rule: string): Promise<string | undefined> {
    const schema = schemaOfRule(rule);
    if (schema === FIRST_REDIS_SCHEMA) return undefined;
    const older = await findOlderProcesses(this.#redis, schema);
    if (older.length > 0) {
      return `An older Votewire is running (${older.join(', ')}), which cannot read pauses, resets and deletions. Upgrade it first`;
    }
    await raiseSchema(this.#redis, schema);
    return undefined;
  }

  /** Removes counts and voters in every partition; false if `before` has passed in one of them. */
  async clear(options: ClearOptions): Promise<boolean> {
    const cleared = await Promise.all(
      this.#partitions.map((partition) => clearContest(this.#redis, partition, options)),
    );
    return cleared.every(Boolean);
  }

  /** See `readStreamTime`. */
  now(): Promise<number> {
    return readStreamTime(this.#redis, this.#partitions.length);
  }

  async #write(id: string, rule: string, command: WriteCommand): Promise<void> {
    const keys = this.#partitions.map(rulesKey);
    await Promise.all(keys.map((key) => this.#redis.send(key, [command, key, id, rule])));
  }
}
