import type { LogStore } from '../../store/log/log-store.ts';
import { readLedger } from '../../store/monitoring/ledger.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { listOf, parseBytes } from '../../store/redis/replies.ts';
import { listDeadLetters } from '../../store/streams/dead-letters.ts';
import { streamKey, tallyKey, votersKey } from '../../store/streams/keys.ts';
import { readGroups, readStreamInfo } from '../../store/streams/stream-info.ts';
import type { ModelContest, ModelCounts } from './tally-model.ts';

const STREAM = streamKey(0);

/** Reads the state of the partition in Redis and in the log. */
export class PartitionState {
  readonly #redis: Redis;
  readonly #log: LogStore;
  readonly #nameOf: (contest: ModelContest) => string;

  constructor(redis: Redis, log: LogStore, nameOf: (contest: ModelContest) => string) {
    this.#redis = redis;
    this.#log = log;
    this.#nameOf = nameOf;
  }

  async deadLetters(): Promise<string[]> {
    return (await listDeadLetters(this.#redis, 0)).map(({ id }) => id);
  }

  async counts(contest: ModelContest): Promise<ModelCounts> {
    const name = this.#nameOf(contest);
    const readHash = async (key: string) => {
      const flat = await this.#redis.sendBytes(key, ['HGETALL', key], listOf(parseBytes));
      return flat.flatMap((field, n) => (n % 2 === 0 ? [[field, `${flat[n + 1]}`] as const] : []));
    };
    const tally = await readHash(tallyKey(0, name));
    const voters = contest === 'open' ? [] : await readHash(votersKey(0, name));
    return {
      options: Object.fromEntries(
        tally.flatMap(([field, count]) =>
          field.toString().startsWith(':') || count === '0' ? [] : [[field.toString(), Number(count)]],
        ),
      ),
      effective: Object.fromEntries(voters.map(([key, vote]) => [key.toString().trim(), vote])),
    };
  }

  /** True if nothing is pending or unread in either group. */
  async isDrained(): Promise<boolean> {
    const stream = await readStreamInfo(this.#redis, STREAM);
    const groups = await readGroups(this.#redis, STREAM);
    return groups.every(({ pending, lastDeliveredId }) => pending === 0 && lastDeliveredId === stream?.lastId);
  }

  async gaps(): Promise<readonly string[]> {
    return (await readLedger(this.#redis, 1)).gaps;
  }

  /** How often each position is in the log. */
  async logged(contest: ModelContest): Promise<Map<string, number>> {
    const times = new Map<string, number>();
    for await (const { entryId } of this.#log.scan({ contest: this.#nameOf(contest) })) {
      times.set(entryId, (times.get(entryId) ?? 0) + 1);
    }
    return times;
  }
}
