import type { ContestStore } from '../../store/contests/contest-store.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { deadLetterEntries, forgetReplays } from '../../store/streams/dead-letters.ts';
import { formatEntryId, parseEntryId } from '../../store/streams/entry-id.ts';
import { countedChannel, TALLY_GROUP } from '../../store/streams/keys.ts';
import { acknowledge } from '../../store/streams/stream-groups.ts';
import { createTally, type Tally, type TallyEntry, type TallyOutcome } from '../../store/tally/tally.ts';
import { countEntryVotes } from '../group/count-entry-votes.ts';
import type { EntryFailure, GroupHandler } from '../group/group-handler.ts';
import type { Delivery, StreamEntry } from '../group/stream-entry.ts';
import type { BatchDecoder } from './batch-decoder.ts';

interface TallyHandlerOptions {
  readonly redis: Redis;
  /** The consumer's name, which receipts of counted votes show. */
  readonly consumer: string;
  readonly contests: ContestStore;
  readonly decoder: BatchDecoder;
  readonly voteIdWindowHours: number;
  readonly maxDeliveries: number;
  readonly onCounted: (votes: number) => void;
  readonly onFailed: (failure: EntryFailure) => void;
}

/** Handler of group `tally`: counts votes. */
export class TallyHandler implements GroupHandler {
  readonly group = TALLY_GROUP;
  readonly readEveryMs = 10;
  readonly #options: TallyHandlerOptions;
  readonly #tally: Tally;

  constructor(options: TallyHandlerOptions) {
    this.#options = options;
    this.#tally = createTally({
      redis: options.redis,
      consumer: options.consumer,
      voteIdWindowHours: options.voteIdWindowHours,
      ruleOf: (contest) => options.contests.ruleOf(contest),
    });
  }

  async handle(deliveries: readonly Delivery[]): Promise<void> {
    await Promise.all(deliveries.map((delivery) => this.#handlePartition(delivery)));
  }

  async #handlePartition({ partition, entries, claimed = false }: Delivery): Promise<void> {
    const { redis, onCounted } = this.#options;
    const readable: TallyEntry[] = [];
    const passed: { id: string; votes: number }[] = [];
    for (const entry of entries) {
      if (entry.replay !== undefined && entry.replay.group !== TALLY_GROUP) {
        passed.push({ id: entry.id, votes: 0 });
        continue;
      }
      const read = this.#read(entry);
      if (typeof read === 'string') await this.#deadLetterUnreadable(partition, entry, read);
      else readable.push(read);
    }
    if (passed.length > 0)
      await acknowledge(redis, { partition, group: TALLY_GROUP, column: 'passed-tally', entries: passed });
    if (readable.length === 0) return;

    const outcomes = await this.#count(partition, readable, claimed);
    let counted = 0;
    const unknown: TallyEntry[] = [];
    for (const [i, entry] of readable.entries()) {
      if (outcomes[i] === 'counted') counted += entry.votes.length;
      if (outcomes[i] === 'unknown-contest') unknown.push(entry);
    }
    onCounted(counted);
    if (unknown.length > 0) await this.#retryUnknown(partition, unknown);
  }

  /**
   * Counts all entries together. If that fails because of the data that one of them uses, counts them one by one, so
   * that a corrupt hash blocks only the entries that need it.
   */
  async #count(
    partition: number,
    entries: readonly TallyEntry[],
    claimed: boolean,
  ): Promise<(TallyOutcome | 'failed')[]> {
    try {
      const outcomes = await this.#tally.count(partition, entries, claimed);
      const replayed = entries.filter(({ id, position }, i) => position !== id && outcomes[i] !== 'unknown-contest');
      const positions = replayed.map(({ position }) => formatEntryId(position));
      await forgetReplays(this.#options.redis, partition, { group: TALLY_GROUP, positions });
      return outcomes;
    } catch (error) {
      if (!(error instanceof Error && isPermanent(error.message))) throw error;
      const [first] = entries;
      if (entries.length === 1 && first !== undefined) {
        await this.#deadLetter(partition, formatEntryId(first.id), error.message, first.votes.length);
        return ['failed'];
      }
      const outcomes: (TallyOutcome | 'failed')[] = [];
      for (const entry of entries) outcomes.push(...(await this.#count(partition, [entry], claimed)));
      return outcomes;
    }
  }

  /** Counts entries with unknown contests again after a refresh: a contest may be new and its announcement lost. */
  async #retryUnknown(partition: number, entries: readonly TallyEntry[]): Promise<void> {
    await this.#options.contests.refresh();
    // Other entries of the read are already counted, so these may not be contiguous.
    const outcomes = await this.#count(partition, entries, true);
    for (const [i, entry] of entries.entries()) {
      if (outcomes[i] !== 'unknown-contest') continue;
      const known = new Set(this.#options.contests.list().map(({ id }) => id));
      const names = new Set(entry.votes.map(({ contest }) => contest));
      const missing = [...names].filter((name) => !known.has(name));
      const reason = `unknown contest ${missing.join(', ') || [...names].join(', ')}`;
      await this.#deadLetter(partition, formatEntryId(entry.id), reason, entry.votes.length);
    }
  }

  #read({ id, bytes, replay }: StreamEntry): TallyEntry | string {
    const own = parseEntryId(id);
    const position = replay === undefined ? own : parseEntryId(replay.position);
    if (own === undefined || position === undefined) return 'entry id out of range';
    if (bytes === undefined) return 'no field "b"';
    const batch = this.#options.decoder.decode(bytes);
    return typeof batch === 'string' ? batch : { id: own, position, notify: batch.notify, votes: batch.votes };
  }

  /** Dead-letters an unreadable entry at once, because a retry cannot help. */
  async #deadLetterUnreadable(partition: number, { id, bytes }: StreamEntry, reason: string): Promise<void> {
    const { redis, onFailed } = this.#options;
    const failed = { partition, group: TALLY_GROUP, id, reason, limit: 1, votes: countEntryVotes(bytes) };
    if ((await deadLetterEntries(redis, failed)) === 'dead') onFailed({ ...failed, dead: true });
  }

  async #deadLetter(partition: number, id: string, reason: string, votes: number): Promise<void> {
    const { redis, maxDeliveries, onFailed } = this.#options;
    const failed = { partition, group: TALLY_GROUP, id, reason, limit: maxDeliveries, votes };
    const outcome = await deadLetterEntries(redis, failed);
    if (outcome !== 'gone') onFailed({ ...failed, dead: outcome === 'dead' });
    if (outcome !== 'dead') return;
    const channel = countedChannel(partition);
    // Notifies clients that wait for one of its votes.
    await redis.send(channel, ['PUBLISH', channel, `${id} ${'x'.repeat(votes)}`]);
  }
}

/** True if the same entry would fail again. The migration of a slot while the script runs is temporary. */
function isPermanent(message: string): boolean {
  return /^(CORRUPT|WRONGTYPE|ERR .*user_script)/.test(message) && !message.includes('non local key');
}
