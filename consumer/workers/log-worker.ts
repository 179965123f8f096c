import { createHash } from 'node:crypto';
import { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { LogEntry, LogStore, Transport } from '../../store/log/log-store.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { nullable, parseText } from '../../store/redis/replies.ts';
import { deadLetterEntries, forgetReplays } from '../../store/streams/dead-letters.ts';
import { epochKey, LOG_GROUP } from '../../store/streams/keys.ts';
import { acknowledge } from '../../store/streams/stream-groups.ts';
import type { BatchDecoder } from './batch-decoder.ts';
import type { GroupHandler } from './group-handler.ts';
import type { Delivery, StreamEntry } from './stream-entry.ts';

export interface LogWorkerOptions {
  readonly redis: Redis;
  readonly log: LogStore;
  readonly decoder: BatchDecoder;
  readonly onLogged: (votes: number) => void;
  readonly onDead: (reason: string) => void;
  /** An entry was in the log with other content: it was kept beside it. */
  readonly onConflict: (message: string) => void;
}

/** Writes votes to the log: the handler of group `log`. The log skips what it has, so a repeat is harmless. */
export class LogWorker implements GroupHandler {
  readonly group = LOG_GROUP;
  readonly readEveryMs = 50;
  readonly #options: LogWorkerOptions;

  constructor(options: LogWorkerOptions) {
    this.#options = options;
  }

  async handle(deliveries: readonly Delivery[]): Promise<void> {
    const { redis, log, onConflict } = this.#options;
    const lots = await Promise.all(deliveries.map((delivery) => this.#readPartition(delivery)));
    const entries = lots.flatMap(({ logged }) => logged.map(({ entry }) => entry));
    const outcome = entries.length > 0 ? await log.append(entries) : undefined;

    for (const { partition, entryId } of outcome?.conflicting ?? []) {
      onConflict(`partition ${partition}, entry ${entryId} was in the log with other content; both are kept`);
    }
    const refused = new Map(
      outcome?.refused.map(({ entry, reason }) => [`${entry.partition} ${entry.entryId}`, reason]),
    );
    await Promise.all(lots.map((lot) => this.#finishPartition(redis, lot, refused)));
  }

  async #readPartition({ partition, entries }: Delivery): Promise<Lot> {
    const { redis } = this.#options;
    // Read with each lot: a stream that was lost and made anew has another one.
    const epoch = (await redis.send(epochKey(partition), ['GET', epochKey(partition)], nullable(parseText))) ?? '';
    const lot: Lot = { partition, logged: [], passed: [] };
    for (const entry of entries) {
      if (entry.replay !== undefined && entry.replay.group !== LOG_GROUP) {
        lot.passed.push({ id: entry.id, votes: 0 });
        continue;
      }
      const read = this.#read(entry, partition, epoch);
      if (typeof read === 'string') await this.#deadLetterEntries(partition, entry.id, read, 0);
      else lot.logged.push({ id: entry.id, entry: read });
    }
    return lot;
  }

  async #finishPartition(
    redis: Redis,
    { partition, logged, passed }: Lot,
    refused: ReadonlyMap<string, string>,
  ): Promise<void> {
    const done: { id: string; votes: number }[] = [];
    const replayed: string[] = [];
    for (const { id, entry } of logged) {
      const reason = refused.get(`${partition} ${entry.entryId}`);
      if (reason !== undefined) await this.#deadLetterEntries(partition, id, reason, entry.votes.length);
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
    if (bytes === undefined) return 'it has no field "b"';
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

  async #deadLetterEntries(partition: number, id: string, reason: string, votes: number): Promise<void> {
    const failed = { partition, group: LOG_GROUP, id, reason, limit: 1, votes };
    if ((await deadLetterEntries(this.#options.redis, failed)) === 'dead') this.#options.onDead(`${id}: ${reason}`);
  }
}

interface Lot {
  readonly partition: number;
  readonly logged: { readonly id: string; readonly entry: LogEntry }[];
  readonly passed: { readonly id: string; readonly votes: number }[];
}

const pathNames: Readonly<Record<number, Transport>> = {
  [Path.HTTP]: 'http',
  [Path.GRPC]: 'grpc',
  [Path.CONNECT]: 'connect',
};
