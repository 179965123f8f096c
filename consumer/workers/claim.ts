import { listOf, parseBytes, parseInteger, parseText, tupleOf } from '../../store/redis/replies.ts';
import { deadLetterEntries } from '../../store/streams/dead-letters.ts';
import { failuresKey, streamKey } from '../../store/streams/keys.ts';
import type { GroupHandler, GroupWorkerOptions } from './group-handler.ts';
import { type Delivery, parseEntries, type StreamEntry } from './stream-entry.ts';

const parseClaim = tupleOf(parseBytes, parseEntries, listOf(parseBytes));
const parsePending = listOf(tupleOf(parseText, parseText, parseInteger, parseInteger));

/** Takes over what was handed out and not finished, by a consumer that died as well as by this one. */
export class Claim {
  readonly #options: GroupWorkerOptions;
  readonly #handle: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Marks of this process that are to be taken off, each with how many were there before it. */
  readonly #marks = new Map<string, number>();

  /** @param handle hands entries to the handler until it succeeds */
  constructor(options: GroupWorkerOptions, handle: (deliveries: readonly Delivery[]) => Promise<void>) {
    this.#options = options;
    this.#handle = handle;
  }

  /** Looks at all that is pending in a partition, `count` entries at a time, until done or `signal` aborts. */
  async run(partition: number, count: number, signal: AbortSignal): Promise<void> {
    const { redis, consumer, claimIdleMs, handler, onAlarm } = this.#options;
    const key = streamKey(partition);
    let cursor = '0-0';
    do {
      const command = ['XAUTOCLAIM', key, handler.group, consumer, `${claimIdleMs}`, cursor, 'COUNT', `${count}`];
      const [next, entries, deleted] = await redis.sendBytes(key, command, parseClaim);
      if (deleted.length > 0) {
        const message = `partition ${partition}: pending entries are gone: ${deleted.slice(0, 5).join(', ')}`;
        onAlarm({ kind: 'lost', message, entries: deleted.length });
      }
      await this.handleAgain({ partition, entries });
      cursor = next.toString();
      // An answer may be partial: only 0-0 says that all was looked at.
    } while (cursor !== '0-0' && !signal.aborted);
  }

  /** Handles entries that this consumer has now and somebody had before; what may be the end of consumers, alone. */
  async handleAgain({ partition, entries }: Delivery): Promise<void> {
    const suspects = entries.length === 0 ? new Set<string>() : await this.#suspects(partition, entries);
    const others = entries.filter(({ id }) => !suspects.has(id));
    if (others.length > 0) await this.#handle([{ partition, entries: others }]);
    for (const entry of entries) if (suspects.has(entry.id)) await this.#handleAlone(partition, entry);
  }

  /** Those of the entries that were handed out so often that one of them may be what ends its consumers. */
  async #suspects(partition: number, entries: readonly StreamEntry[]): Promise<Set<string>> {
    const { redis, consumer, handler, maxDeliveries } = this.#options;
    const key = streamKey(partition);
    const range = [entries[0]?.id ?? '-', entries.at(-1)?.id ?? '+', '1000'];
    const rows = await redis.send(key, ['XPENDING', key, handler.group, ...range, consumer], parsePending);
    return new Set(rows.filter(([, , , deliveries]) => deliveries > maxDeliveries).map(([id]) => id));
  }

  /**
   * Handles one entry with a mark at it meanwhile, which stays where this process ends in the middle. What has ended
   * so many processes one after the other is put aside untried.
   */
  async #handleAlone(partition: number, entry: StreamEntry): Promise<void> {
    const { redis, handler, maxDeliveries, onDead } = this.#options;
    const key = failuresKey(partition);
    const mark = markOf(handler, entry);
    const place = `${partition} ${mark}`;
    // One that a lost connection left behind is ours still: this process did not end.
    const endings = this.#marks.get(place) ?? (await redis.send(key, ['HINCRBY', key, mark, '1'], parseInteger)) - 1;
    this.#marks.set(place, endings);
    try {
      if (endings < maxDeliveries) {
        await handler.handle([{ partition, entries: [entry] }]);
      } else {
        const reason = `${endings} consumers ended while they handled it`;
        const failed = { partition, group: handler.group, id: entry.id, reason, limit: 1, votes: 0 };
        if ((await deadLetterEntries(redis, failed)) === 'dead') onDead(`${entry.id}: ${reason}`);
      }
    } finally {
      await redis.send(key, ['HDEL', key, mark]);
      this.#marks.delete(place);
    }
  }
}

function markOf({ group }: GroupHandler, { id }: StreamEntry): string {
  return `ended ${group} ${id}`;
}
