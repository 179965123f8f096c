import { ANY_PARTITION } from '../../wasm/codec.ts';
import { Transport } from '../vote/transport.ts';
import { BatchCompletion, SingleCompletion } from './completion.ts';
import { BufferPool } from './entry/buffer-pool.ts';
import { type Completion, EntryBuffer, type EntryResult } from './entry/entry-buffer.ts';
import { entryHeader } from './entry/entry-header.ts';
import type { EntryWriter } from './entry-writer.ts';
import { PartitionOutages } from './partition-outages.ts';
import type { BatchOutcome, RejectReason, SubmitOutcome, SubmittedBatch, SubmittedVote } from './submit.ts';
import { WriteQueue } from './write-queue.ts';

export interface GroupCommitOptions {
  readonly writer: EntryWriter;
  readonly partitions: number;
  /** The edge's name, written into every entry. */
  readonly edge: string;
  readonly maxBufferBytes: number;
  /** True if the partition's stream is longer than allowed. */
  readonly backlogged: (partition: number) => boolean;
  /** Metrics hook, called per entry with the milliseconds from its first vote to Redis's confirmation. */
  readonly onStored?: (ms: number) => void;
}

const TRANSPORTS = [Transport.UNSPECIFIED, Transport.HTTP, Transport.GRPC, Transport.CONNECT];

/**
 * Writes encoded votes to the partitioned streams by group commit: votes that arrive during a write are sent together
 * in the next one, and a lone vote is sent at once.
 */
export class GroupCommit implements AsyncDisposable {
  readonly #options: GroupCommitOptions;
  readonly #pool = new BufferPool();
  readonly #headers: readonly Buffer[];
  readonly #queues: readonly WriteQueue[];
  readonly #outages = new PartitionOutages();
  /** The open entry of each partition and transport, which takes further votes. */
  readonly #open: (EntryBuffer | undefined)[];
  #nextPartition = 0;
  #stopping = false;
  #onIdle: (() => void)[] = [];

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#headers = TRANSPORTS.map((transport) => entryHeader(transport, options.edge));
    const queues = options.writer.cluster ? options.partitions : 1;
    this.#queues = Array.from({ length: queues }, () => new WriteQueue((queue) => this.#flush(queue)));
    this.#open = new Array(options.partitions * TRANSPORTS.length).fill(undefined);
  }

  /** False once the edge stops or while Redis is unavailable; reported by `/readyz`. */
  get ready(): boolean {
    return !this.#stopping && this.#options.writer.ready && this.#queues.some(({ overdue }) => overdue === 0);
  }

  /** Unavailable partitions in ascending order; in a cluster, one server may be down alone. See PartitionOutages. */
  get unavailablePartitions(): readonly number[] {
    return this.#outages.partitions;
  }

  /** Bytes of buffers with votes waiting to be written or confirmed. */
  get bufferedBytes(): number {
    return this.#pool.bytesInUse;
  }

  /** Accepts one vote. `done` is called once, after this returns. */
  submit(vote: SubmittedVote, done: (outcome: SubmitOutcome) => void): void {
    const { transport, bytes, end } = vote;
    const partition = vote.partition === ANY_PARTITION ? this.#anyPartition() : vote.partition;
    const reason = this.#rejectReason(partition);
    if (reason !== undefined) {
      queueMicrotask(() => done({ status: 'rejected', reason }));
      return;
    }
    const entry = this.entryFor(partition, transport, end);
    entry.append(bytes, 0, end, this.#pool);
    addVote(entry, new SingleCompletion(done));
    if (vote.notify) entry.notify = true;
  }

  /**
   * Accepts the votes of a batch, each for its partition. Copies them before it returns; `done` is called once, later.
   */
  submitBatch({ transport, encoded, skipped }: SubmittedBatch, done: (outcome: BatchOutcome) => void): void {
    const { bytes, ends, partition, count } = encoded;
    const completion = new BatchCompletion(done);
    const spread = this.#anyPartition();
    let start = 0;
    for (let i = 0; i < count; i++) {
      const end = ends[i] as number;
      if (skipped === undefined || skipped[i] === 0) {
        const wanted = partition[i] as number;
        const to = wanted === ANY_PARTITION ? spread : wanted;
        const reason = this.#rejectReason(to);
        if (reason !== undefined) completion.reject(i, reason);
        else {
          const entry = this.entryFor(to, transport, end - start);
          entry.append(bytes, start, end, this.#pool);
          entry.origins[entry.count] = i;
          if (addVote(entry, completion)) completion.entries++;
        }
      }
      start = end;
    }
    completion.seal();
  }

  /** Stops accepting votes; resolves once every accepted vote has its outcome. */
  async stop(): Promise<void> {
    this.#stopping = true;
    while (!this.#queues.every(({ idle }) => idle)) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#options.writer[Symbol.asyncDispose]();
  }

  #rejectReason(partition: number): RejectReason | undefined {
    if (this.#stopping) return 'stopping';
    if (!this.#options.writer.ready || this.#queueOf(partition).overdue > 0) return 'unavailable';
    if (this.#options.backlogged(partition)) return 'overloaded';
    return this.#pool.bytesInUse > this.#options.maxBufferBytes ? 'overloaded' : undefined;
  }

  /** The next partition in turn that accepts votes. */
  #anyPartition(): number {
    const { partitions } = this.#options;
    for (let tries = 0; tries < partitions; tries++) {
      const partition = (this.#nextPartition + tries) % partitions;
      if (this.#rejectReason(partition) === undefined) return partition;
    }
    return this.#nextPartition;
  }

  #queueOf(partition: number): WriteQueue {
    return this.#queues[this.#queues.length === 1 ? 0 : partition] as WriteQueue;
  }

  /** The open entry of the partition and transport that has room for one more vote. */
  protected entryFor(partition: number, transport: Transport, bytes: number): EntryBuffer {
    const at = partition * TRANSPORTS.length + transport;
    const queue = this.#queueOf(partition);
    queue.votes++;
    const open = this.#open[at];
    if (open?.fits(bytes)) return open;
    const entry = new EntryBuffer({ transport, partition }, this.#headers[transport] as Buffer, this.#pool);
    this.#open[at] = entry;
    queue.push(entry);
    return entry;
  }

  #flush(queue: WriteQueue): void {
    const entries = queue.take();
    // The queue was rejected after this flush was scheduled.
    if (entries.length === 0) return;
    this.#nextPartition = (this.#nextPartition + 1) % this.#options.partitions;
    queue.inFlight = entries.length;
    for (const entry of entries) this.#close(entry);
    this.#options.writer.write(entries, {
      completed: (entry, result) => this.#completed(queue, entry, result),
      overdue: (change) => {
        queue.overdue += change;
        if (queue.overdue > 0) this.#rejectQueued(queue);
      },
      released: (entry, reusable) => entry.release(this.#pool, reusable),
    });
  }

  #completed(queue: WriteQueue, entry: EntryBuffer, result: EntryResult): void {
    this.#outages.observe(entry.partition, result);
    if (result.status === 'stored') this.#options.onStored?.(Date.now() - entry.createdAt);
    completeAll(entry, result);
    queue.inFlight--;
    if (queue.inFlight > 0) return;
    queue.schedule();
    if (queue.idle) this.#notifyIdle();
  }

  /** Rejects queued votes, which were never sent: an answer now is better than one after the stall. */
  #rejectQueued(queue: WriteQueue): void {
    for (const entry of queue.take()) {
      this.#close(entry);
      completeAll(entry, { status: 'rejected', reason: 'unavailable' });
      entry.release(this.#pool, true);
    }
  }

  /** Closes the entry to further votes. */
  #close(entry: EntryBuffer): void {
    const at = entry.partition * TRANSPORTS.length + entry.transport;
    if (this.#open[at] === entry) this.#open[at] = undefined;
  }

  #notifyIdle(): void {
    const waiting = this.#onIdle;
    this.#onIdle = [];
    for (const notify of waiting) notify();
  }
}

/** Counts one appended vote for its completion. Returns true if the completion is new to the entry. */
function addVote(entry: EntryBuffer, completion: Completion): boolean {
  const last = entry.counts.length - 1;
  const isNew = entry.completions[last] !== completion;
  if (isNew) {
    entry.completions.push(completion);
    entry.firsts.push(entry.count);
    entry.counts.push(1);
  } else {
    entry.counts[last] = (entry.counts[last] as number) + 1;
  }
  entry.count++;
  return isNew;
}

function completeAll(entry: EntryBuffer, result: EntryResult): void {
  for (let i = 0; i < entry.completions.length; i++) entry.completions[i]?.complete(entry, i, result);
}
