import { recordClaims } from '../../store/monitoring/claims.ts';
import { listOf, parseBytes, parseInteger, parseText, tupleOf } from '../../store/redis/replies.ts';
import { deadLetterEntries } from '../../store/streams/dead-letters.ts';
import { failuresKey, streamKey } from '../../store/streams/keys.ts';
import { countEntryVotes } from './count-entry-votes.ts';
import type { GroupHandler, GroupWorkerOptions } from './group-handler.ts';
import { type Delivery, parseEntries, type StreamEntry } from './stream-entry.ts';

const parseClaim = tupleOf(parseBytes, parseEntries, listOf(parseBytes));
const parsePending = listOf(tupleOf(parseText, parseText, parseInteger, parseInteger));

/** Minimum number of pending entries per partition that a scan reads. */
const MIN_SEEN = 256;

interface SeenPending {
  readonly owner: string;
  readonly deliveries: number;
  /** `performance.now()` when the entry was first seen with this owner and number of deliveries. */
  readonly since: number;
}

/** Claims entries that were delivered but not handled, by a dead consumer or by this one. */
export class Claim {
  readonly #options: GroupWorkerOptions;
  readonly #handle: (deliveries: readonly Delivery[]) => Promise<void>;
  /** Crash marks that this process has set and not removed yet, each with the number of earlier marks. */
  readonly #marks = new Map<string, number>();
  /** The oldest pending entries of each partition, by id. */
  readonly #seenPending = new Map<number, Map<string, SeenPending>>();

  /** @param handle handles entries, with retries until it succeeds */
  constructor(options: GroupWorkerOptions, handle: (deliveries: readonly Delivery[]) => Promise<void>) {
    this.#options = options;
    this.#handle = handle;
  }

  /** Claims all idle pending entries of a partition, `count` at a time, unless `signal` aborts. */
  async claimPartition(partition: number, count: number, signal: AbortSignal): Promise<void> {
    const { redis, consumer, claimIdleMs, handler, log, onLost } = this.#options;
    const key = streamKey(partition);
    // The first claims need a scan before them to record the former owners.
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
      // A reply may be partial: only the cursor 0-0 means that the whole list was scanned.
    } while (cursor !== '0-0' && !signal.aborted);
    const stuck = await this.#findStuck(partition, count);
    if (stuck.length === 0) return;
    const command = ['XCLAIM', key, handler.group, consumer, '0', ...stuck.slice(0, count)];
    const entries = await redis.sendBytes(key, command, parseEntries);
    await this.#record(partition, entries);
    await this.redeliver({ partition, entries });
  }

  /**
   * Finds pending entries whose idle time in Redis does not grow because its clock was set back. XAUTOCLAIM compares
   * wall clocks and would wait until the clock has caught up, so the idle time is measured here.
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
   * Records the former owners of claimed entries for operators, from the previous scan: a due entry has had its owner
   * for longer than the interval between scans. Only the oldest entries are recorded.
   */
  async #record(partition: number, entries: readonly StreamEntry[]): Promise<void> {
    const { redis, consumer, log } = this.#options;
    const seen = this.#seenPending.get(partition);
    const owners = entries.map(({ id }) => seen?.get(id)?.owner).filter((owner) => owner !== undefined);
    const others = owners.filter((owner) => owner !== consumer);
    try {
      await recordClaims(redis, consumer, others);
    } catch (error) {
      // Handling the entries matters more than recording the claim.
      log.warn({ partition, fault: error }, 'Cannot record a claim');
    }
  }

  /** Handles redelivered entries. Those that may crash consumers are handled one at a time. */
  async redeliver({ partition, entries }: Delivery): Promise<void> {
    const suspects = entries.length === 0 ? new Set<string>() : await this.#suspects(partition, entries);
    const others = entries.filter(({ id }) => !suspects.has(id));
    if (others.length > 0) await this.#handle([{ partition, entries: others, claimed: true }]);
    for (const entry of entries) if (suspects.has(entry.id)) await this.#handleAlone(partition, entry);
  }

  /** Entries with so many deliveries that one of them may be crashing its consumers. */
  async #suspects(partition: number, entries: readonly StreamEntry[]): Promise<Set<string>> {
    const { redis, consumer, handler, maxDeliveries } = this.#options;
    const key = streamKey(partition);
    const range = [entries[0]?.id ?? '-', entries.at(-1)?.id ?? '+', '1000'];
    const rows = await redis.send(key, ['XPENDING', key, handler.group, ...range, consumer], parsePending);
    return new Set(rows.filter(([, , , deliveries]) => deliveries > maxDeliveries).map(([id]) => id));
  }

  /**
   * Handles one entry under a crash mark, which remains if this process dies while handling it. An entry with
   * `maxDeliveries` marks is dead-lettered without another attempt.
   */
  async #handleAlone(partition: number, entry: StreamEntry): Promise<void> {
    const { redis, handler, maxDeliveries, onFailed } = this.#options;
    const key = failuresKey(partition);
    const mark = markOf(handler, entry);
    const place = `${partition} ${mark}`;
    // After a lost connection, this process's own mark may still exist; it does not count as a crash.
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

/** The field of a crash mark. Its name `ended` must not change, because consumers of different versions share it. */
function markOf({ group }: GroupHandler, { id }: StreamEntry): string {
  return `ended ${group} ${id}`;
}
