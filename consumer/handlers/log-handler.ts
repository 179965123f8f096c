import { createHash } from 'node:crypto';
import { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { LogEntry, LogStore, Transport } from '../../store/log/log-store.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { nullable, parseText } from '../../store/redis/replies.ts';
import { deadLetterEntries, forgetReplays } from '../../store/streams/dead-letters.ts';
import { epochKey, LOG_GROUP } from '../../store/streams/keys.ts';
import { acknowledge } from '../../store/streams/stream-groups.ts';
import type { EntryFailure, GroupHandler } from '../group/group-handler.ts';
import type { Delivery, StreamEntry } from '../group/stream-entry.ts';
import type { BatchDecoder } from './batch-decoder.ts';

interface LogHandlerOptions {
  readonly redis: Redis;
  readonly log: LogStore;
  readonly decoder: BatchDecoder;
  readonly onLogged: (votes: number) => void;
  readonly onFailed: (failure: EntryFailure) => void;
  /** Called if an entry was already in the log with different content; both copies are kept. */
  readonly onConflict: (message: string) => void;
}

/** Handler of group `log`: writes votes to the log. The log skips existing entries, so a repeat is harmless. */
export class LogHandler implements GroupHandler {
  readonly group = LOG_GROUP;
  readonly readEveryMs = 50;
  readonly #options: LogHandlerOptions;

  constructor(options: LogHandlerOptions) {
    this.#options = options;
  }

  async handle(deliveries: readonly Delivery[]): Promise<void> {
    const { redis, log, onConflict } = this.#options;
    const batches = await Promise.all(deliveries.map((delivery) => this.#readPartition(delivery)));
    const entries = batches.flatMap(({ logged }) => logged.map(({ entry }) => entry));
    const outcome = entries.length > 0 ? await log.append(entries) : undefined;

    for (const { partition, entryId } of outcome?.conflicting ?? []) {
      onConflict(`Partition ${partition}, entry ${entryId} is already in the log with other content; both are kept`);
    }
    const refused = new Map(
      outcome?.refused.map(({ entry, reason }) => [`${entry.partition} ${entry.entryId}`, reason]),
    );
    await Promise.all(batches.map((batch) => this.#finishPartition(redis, batch, refused)));
  }

  async #readPartition({ partition, entries }: Delivery): Promise<PartitionBatch> {
    const { redis } = this.#options;
    // Read every time, because a stream that was lost and recreated has another epoch.
    const epoch = (await redis.send(epochKey(partition), ['GET', epochKey(partition)], nullable(parseText))) ?? '';
    const batch: PartitionBatch = { partition, logged: [], passed: [] };
    for (const entry of entries) {
      if (entry.replay !== undefined && entry.replay.group !== LOG_GROUP) {
        batch.passed.push({ id: entry.id, votes: 0 });
        continue;
      }
      const read = this.#read(entry, partition, epoch);
      if (typeof read === 'string') await this.#deadLetter(partition, entry.id, read, 0);
      else batch.logged.push({ id: entry.id, entry: read });
    }
    return batch;
  }

  async #finishPartition(
    redis: Redis,
    { partition, logged, passed }: PartitionBatch,
    refused: ReadonlyMap<string, string>,
  ): Promise<void> {
    const done: { id: string; votes: number }[] = [];
    const replayed: string[] = [];
    for (const { id, entry } of logged) {
      const reason = refused.get(`${partition} ${entry.entryId}`);
      if (reason !== undefined) await this.#deadLetter(partition, id, reason, entry.votes.length);
      else {
        done.push({ id, votes: entry.votes.length });
        if (entry.entryId !== id) replayed.push(entry.entryId);
      }
    }
    const base = { partition, group: LOG_GROUP };
    if (done.length > 0) await acknowledge(redis, { ...base, column: 'logged', entries: done });
    if (passed.length > 0) await acknowledge(redis, { ...base, column: 'passed-log', entries: passed });
    await forgetReplays(redis, partition, { group: LOG_GROUP, positions: replayed });
    this.#options.onLogged(done.reduce((sum, { votes }) => sum + votes, 0));
  }

  #read({ id, bytes, replay }: StreamEntry, partition: number, epoch: string): LogEntry | string {
    if (bytes === undefined) return 'no field "b"';
    const batch = this.#options.decoder.decode(bytes);
    if (typeof batch === 'string') return batch;
    return {
      partition,
      epoch,
      entryId: replay?.position ?? id,
      path: pathNames[batch.path] ?? 'http',
      edge: batch.edge,
      receivedAt: new Date(batch.receivedAt),
      contentHash: createHash('sha256').update(bytes).digest(),
      votes: batch.votes,
    };
  }

  async #deadLetter(partition: number, id: string, reason: string, votes: number): Promise<void> {
    const failed = { partition, group: LOG_GROUP, id, reason, limit: 1, votes };
    if ((await deadLetterEntries(this.#options.redis, failed)) === 'dead')
      this.#options.onFailed({ ...failed, dead: true });
  }
}

interface PartitionBatch {
  readonly partition: number;
  readonly logged: { readonly id: string; readonly entry: LogEntry }[];
  readonly passed: { readonly id: string; readonly votes: number }[];
}

const pathNames: Readonly<Record<number, Transport>> = {
  [Path.HTTP]: 'http',
  [Path.GRPC]: 'grpc',
  [Path.CONNECT]: 'connect',
};
