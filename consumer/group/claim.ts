import { recordClaims } from '../../store/monitoring/claims.ts';
import { listOf, parseBytes, parseInteger, parseText, tupleOf } from '../../store/redis/replies.ts';
import { deadLetterEntries } from '../../store/streams/dead-letters.ts';
import { failuresKey, streamKey } from '../../store/streams/keys.ts';
import { countEntryVotes } from './count-entry-votes.ts';
import type { GroupHandler, GroupWorkerOptions } from './group-handler.ts';
import { type Delivery, parseEntries, type StreamEntry } from './stream-entry.ts';

const parseClaim = tupleOf(parseBytes, parseEntries, listOf(parseBytes));
const parsePending = listOf(tupleOf(parseText, parseText, parseInteger, parseInteger));

/** Pending entries of a partition that each scan looks at, at least. */
const MIN_SEEN = 256;

interface SeenPending {
  readonly owner: string;
  readonly deliveries: number;
  /** When the entry was first seen with this owner and number of deliveries, by performance.now(). */
  readonly since: number;
}

/** Claims entries that were delivered and not finished, whether their consumer died or is this one. */
export class Claim {
  readonly #options: GroupWorkerOptions;
  readonly #handle: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Crash marks set by this process and not yet removed, each with how many were there before it. */
  readonly #marks = new Map<string, number>();
  /** The oldest pending entries of each partition, by id. */
  readonly #seenPending = new Map<number, Map<string, SeenPending>>();

  /** @param handle passes entries to the handler until it succeeds */
  constructor(options: GroupWorkerOptions, handle: (deliveries: readonly Delivery[]) => Promise<void>) {
    this.#options = options;
    this.#handle = handle;
  }

  /** Claims every idle pending entry of a partition, `count` at a time, until done or `signal` aborts. */
  async claimPartition(partition: number, count: number, signal: AbortSignal): Promise<void> {
    const { redis, consumer, claimIdleMs, handler, log, onLost } = this.#options;
    const key = streamKey(partition);
    // So that the first claims can name the former owners, too.
    if (!this.#seenPending.has(partition)) await this.#findStuck(partition, count);
    let cursor = '0-0';
    do {
      const command = ['XAUTOCLAIM', key, handler.group, consumer, `${claimIdleMs}`, cursor, 'COUNT', `${count}`];
      const [next, entries, deleted] = await redis.sendBytes(key, command, parseClaim);
      if (deleted.length > 0) {
        const ids = deleted.slice(0, 5).map(String);
        log.error({ partition, ids, entries: deleted.length }, 'Pending entries are gone from their stream');
        onLost(deleted.length);
      }
      await this.#record(partition, entries);
      await this.redeliver({ partition, entries });
      cursor = next.toString();
      // A reply may be partial: only 0-0 means that the whole list was scanned.
    } while (cursor !== '0-0' && !signal.aborted);
    const stuck = await this.#findStuck(partition, count);
    if (stuck.length === 0) return;
    const command = ['XCLAIM', key, handler.group, consumer, '0', ...stuck.slice(0, count)];
    const entries = await redis.sendBytes(key, command, parseEntries);
    await this.#record(partition, entries);
    await this.redeliver({ partition, entries });
  }

  /**
   * Looks at pending entries, and finds those whose idle time does not grow because the clock of Redis was set back:
   * XAUTOCLAIM compares wall clocks, and would wait until the clock has caught up. Their idle time is measured here.
   */
  async #findStuck(partition: number, count: number): Promise<string[]> {
    const { redis, claimIdleMs, handler } = this.#options;
    const key = streamKey(partition);
    const range = ['-', '+', `${Math.max(count, MIN_SEEN)}`];
    const rows = await redis.send(key, ['XPENDING', key, handler.group, ...range], parsePending);
    const before = this.#seenPending.get(partition);
    const now = performance.now();
    const seen = new Map<string, SeenPending>();
    const stuck: string[] = [];
    for (const [id, owner, idleMs, deliveries] of rows) {
      const first = before?.get(id);
      const since = first?.owner === owner && first.deliveries === deliveries ? first.since : now;
      seen.set(id, { owner, deliveries, since });
      if (now - since >= claimIdleMs && idleMs < (now - since) / 2) stuck.push(id);
    }
    this.#seenPending.set(partition, seen);
    return stuck;
  }

  /**
   * Records for operators whose entries were claimed, as seen by the scan before: an entry that is due had its owner for
   * longer than a scan takes. Entries beyond the oldest are not recorded.
   */
  async #record(partition: number, entries: readonly StreamEntry[]): Promise<void> {
    const { redis, consumer, log } = this.#options;
    const seen = this.#seenPending.get(partition);
    const owners = entries.map(({ id }) => seen?.get(id)?.owner).filter((owner) => owner !== undefined);
    const others = owners.filter((owner) => owner !== consumer);
    try {
      await recordClaims(redis, consumer, others);
    } catch (error) {
      // The entries matter more than the record.
      log.warn({ partition, fault: error }, 'Cannot record a claim');
    }
  }

  /** Handles entries that were delivered before. Those that may crash consumers are handled one at a time. */
  async redeliver({ partition, entries }: Delivery): Promise<void> {
    const suspects = entries.length === 0 ? new Set<string>() : await this.#suspects(partition, entries);
    const others = entries.filter(({ id }) => !suspects.has(id));
    if (others.length > 0) await this.#handle([{ partition, entries: others, claimed: true }]);
    for (const entry of entries) if (suspects.has(entry.id)) await this.#handleAlone(partition, entry);
  }

  /** Entries delivered so often that one of them may be crashing its consumers. */
  async #suspects(partition: number, entries: readonly StreamEntry[]): Promise<Set<string>> {
    const { redis, consumer, handler, maxDeliveries } = this.#options;
    const key = streamKey(partition);
    const range = [entries[0]?.id ?? '-', entries.at(-1)?.id ?? '+', '1000'];
    const rows = await redis.send(key, ['XPENDING', key, handler.group, ...range, consumer], parsePending);
    return new Set(rows.filter(([, , , deliveries]) => deliveries > maxDeliveries).map(([id]) => id));
  }

  /**
   * Handles one entry under a crash mark: the mark remains if this process dies while handling it. An entry whose marks
   * reach `maxDeliveries` is dead-lettered without another attempt.
   */
  async #handleAlone(partition: number, entry: StreamEntry): Promise<void> {
    const { redis, handler, maxDeliveries, onFailed } = this.#options;
    const key = failuresKey(partition);
    const mark = markOf(handler, entry);
    const place = `${partition} ${mark}`;
    // A lost connection may have kept this process from removing its own mark; that is not a crash.
    const crashes = this.#marks.get(place) ?? (await redis.send(key, ['HINCRBY', key, mark, '1'], parseInteger)) - 1;
    this.#marks.set(place, crashes);
    try {
      if (crashes < maxDeliveries) {
        await handler.handle([{ partition, entries: [entry], claimed: true }]);
      } else {
        const reason = `${crashes} consumers crashed while handling it`;
        const votes = countEntryVotes(entry.bytes);
        const failed = { partition, group: handler.group, id: entry.id, reason, limit: 1, votes };
        if ((await deadLetterEntries(redis, failed)) === 'dead') onFailed({ ...failed, dead: true });
      }
    } finally {
      await redis.send(key, ['HDEL', key, mark]);
      this.#marks.delete(place);
    }
  }
}

/** The field in Redis keeps the word `ended`: consumers of different versions share it. */
function markOf({ group }: GroupHandler, { id }: StreamEntry): string {
  return `ended ${group} ${id}`;
}
