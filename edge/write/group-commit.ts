import { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { ANY_PARTITION } from '../../wasm/codec.ts';
import { BatchCompletion, SingleCompletion } from './completion.ts';
import { BufferPool, EntryBuffer, type EntryOwner, type EntryResult, entryHeader } from './entry-buffer.ts';
import type { EntryWriter } from './entry-writer.ts';
import type {
  BatchOutcome,
  Producer,
  RefusedReason,
  SubmitOutcome,
  SubmittedBatch,
  SubmittedVotes,
} from './producer.ts';

export interface GroupCommitOptions {
  readonly writer: EntryWriter;
  readonly partitions: number;
  /** Written into every entry. */
  readonly edge: string;
  readonly maxBufferBytes: number;
  /** True where the partition's stream is longer than it may be. */
  readonly backlogged: (partition: number) => boolean;
  /** Told of each entry that Redis confirmed: how long its first vote has waited for that. */
  readonly onStored?: (ms: number) => void;
}

/** How many turns of the event loop a write may wait for. */
const MAX_TURNS = 4;

const PATHS = [Path.UNSPECIFIED, Path.HTTP, Path.GRPC, Path.CONNECT];

/** The one implementation of Producer. */
export function createGroupCommit(options: GroupCommitOptions): Producer {
  return new GroupCommit(options);
}

/**
 * Votes of the partitions that are written together: all of them on one server, one partition in a cluster, so that a
 * master that is away does not hold up the others.
 */
interface WriteQueue {
  /** Full entries and open ones, in order of their first votes. */
  queue: EntryBuffer[];
  /** Entries sent and not settled. */
  inFlight: number;
  scheduled: boolean;
  /** How many votes were ever taken in. */
  votes: number;
  /** How many writes ran out of time and are still unanswered: nothing more is sent until they have an end. */
  overdue: number;
}

class GroupCommit implements Producer {
  readonly #options: GroupCommitOptions;
  readonly #pool = new BufferPool();
  readonly #headers: readonly Buffer[];
  readonly #lanes: readonly WriteQueue[];
  /** By partition and path: the entry that takes further votes. */
  readonly #open: (EntryBuffer | undefined)[];
  #spread = 0;
  #stopping = false;
  #idle: (() => void)[] = [];

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#headers = PATHS.map((path) => entryHeader(path, options.edge));
    const lanes = options.writer.cluster ? options.partitions : 1;
    this.#lanes = Array.from({ length: lanes }, () => ({
      queue: [],
      inFlight: 0,
      scheduled: false,
      votes: 0,
      overdue: 0,
    }));
    this.#open = new Array(options.partitions * PATHS.length).fill(undefined);
  }

  get ready(): boolean {
    return !this.#stopping && this.#options.writer.ready && this.#lanes.some((lane) => lane.overdue === 0);
  }

  get bufferedBytes(): number {
    return this.#pool.bytesInUse;
  }

  submit(votes: SubmittedVotes, done: (outcome: SubmitOutcome) => void): void {
    const { path, start, end, count } = votes;
    const partition = votes.partition === ANY_PARTITION ? this.#anyPartition() : votes.partition;
    const reason = this.#refusal(partition);
    if (reason !== undefined) {
      queueMicrotask(() => done({ status: 'refused', reason }));
      return;
    }
    const entry = this.#entryFor(partition, path, end - start, count);
    entry.append(votes.bytes, start, end, this.#pool);
    this.#own(entry, new SingleCompletion(done), count);
    if (votes.notify) entry.notify = true;
  }

  submitBatch(batch: SubmittedBatch, done: (outcome: BatchOutcome) => void): void {
    const { path, encoded, skipped } = batch;
    const { bytes, ends, partition, count } = encoded;
    const ticket = new BatchCompletion(done);
    const spread = this.#anyPartition();
    let start = 0;
    for (let i = 0; i < count; i++) {
      const end = ends[i] as number;
      if (skipped === undefined || skipped[i] === 0) {
        const wanted = partition[i] as number;
        const to = wanted === ANY_PARTITION ? spread : wanted;
        const reason = this.#refusal(to);
        if (reason !== undefined) ticket.refuse(i, reason);
        else {
          const entry = this.#entryFor(to, path, end - start, 1);
          entry.append(bytes, start, end, this.#pool);
          entry.origins[entry.count] = i;
          if (entry.owners.at(-1) === ticket) {
            const last = entry.counts.length - 1;
            entry.counts[last] = (entry.counts[last] as number) + 1;
            entry.count++;
          } else {
            ticket.entries++;
            this.#own(entry, ticket, 1);
          }
        }
      }
      start = end;
    }
    ticket.complete();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    while (this.#lanes.some((lane) => lane.inFlight > 0 || lane.queue.length > 0)) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#options.writer[Symbol.asyncDispose]();
  }

  #refusal(partition: number): RefusedReason | undefined {
    if (this.#stopping) return 'stopping';
    if (!this.#options.writer.ready || this.#laneOf(partition).overdue > 0) return 'unavailable';
    if (this.#options.backlogged(partition)) return 'overloaded';
    return this.#pool.bytesInUse > this.#options.maxBufferBytes ? 'overloaded' : undefined;
  }

  /** The next partition whose turn it is and that takes votes. */
  #anyPartition(): number {
    const { partitions } = this.#options;
    for (let tries = 0; tries < partitions; tries++) {
      const partition = (this.#spread + tries) % partitions;
      if (this.#refusal(partition) === undefined) return partition;
    }
    return this.#spread;
  }

  #laneOf(partition: number): WriteQueue {
    return this.#lanes[this.#lanes.length === 1 ? 0 : partition] as WriteQueue;
  }

  #entryFor(partition: number, path: Path, bytes: number, votes: number): EntryBuffer {
    const at = partition * PATHS.length + path;
    const lane = this.#laneOf(partition);
    lane.votes += votes;
    const open = this.#open[at];
    if (open?.fits(bytes, votes)) return open;
    const entry = new EntryBuffer({ path, partition }, this.#headers[path] as Buffer, this.#pool);
    this.#open[at] = entry;
    lane.queue.push(entry);
    if (lane.inFlight === 0) this.#schedule(lane);
    return entry;
  }

  #own(entry: EntryBuffer, owner: EntryOwner, count: number): void {
    entry.owners.push(owner);
    entry.firsts.push(entry.count);
    entry.counts.push(count);
    entry.count += count;
  }

  /**
   * Writes once a turn of the event loop has brought no further votes, or after a few turns. A turn costs a lone vote
   * some microseconds; under load it fills each write with what all connections have sent.
   */
  #schedule(lane: WriteQueue): void {
    if (lane.scheduled) return;
    lane.scheduled = true;
    let turns = 0;
    let seen = -1;
    const turn = () => {
      const votes = lane.votes;
      if (votes !== seen && ++turns < MAX_TURNS) {
        seen = votes;
        setImmediate(turn);
      } else {
        lane.scheduled = false;
        this.#flush(lane);
      }
    };
    setImmediate(turn);
  }

  #flush(lane: WriteQueue): void {
    const entries = lane.queue;
    lane.queue = [];
    this.#spread = (this.#spread + 1) % this.#options.partitions;
    lane.inFlight = entries.length;
    for (const entry of entries) {
      const at = entry.partition * PATHS.length + entry.path;
      if (this.#open[at] === entry) this.#open[at] = undefined;
    }
    this.#options.writer.write(entries, {
      settled: (entry, result) => this.#settled(lane, entry, result),
      overdue: (change) => {
        lane.overdue += change;
        if (lane.overdue > 0) this.#refuseQueued(lane);
      },
      released: (entry, reusable) => entry.release(this.#pool, reusable),
    });
  }

  #settled(lane: WriteQueue, entry: EntryBuffer, result: EntryResult): void {
    if (result.status === 'stored') this.#options.onStored?.(Date.now() - entry.createdAt);
    settleOwners(entry, result);
    lane.inFlight--;
    if (lane.inFlight > 0) return;
    if (lane.queue.length > 0) this.#schedule(lane);
    else this.#wakeIdle();
  }

  /** They were never sent: better an answer now than one after the stall. */
  #refuseQueued(lane: WriteQueue): void {
    const entries = lane.queue;
    lane.queue = [];
    for (const entry of entries) {
      this.#open[entry.partition * PATHS.length + entry.path] = undefined;
      settleOwners(entry, { status: 'refused', reason: 'unavailable' });
      entry.release(this.#pool, true);
    }
  }

  #wakeIdle(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const wake of waiting) wake();
  }
}

function settleOwners(entry: EntryBuffer, result: EntryResult): void {
  for (let i = 0; i < entry.owners.length; i++) entry.owners[i]?.settle(entry, i, result);
}
