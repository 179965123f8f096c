import type { Redis } from '../redis/redis.ts';
import { flatToRecord } from '../redis/redis-reply.ts';
import { deadKey, streamKey } from '../streams/keys.ts';
import { type Heartbeat, readHeartbeats } from './heartbeats.ts';
import { type Ledger, readLedger } from './ledger.ts';

/** How the machinery behind the counts is doing, for `/api/system` and the metrics. */
export interface SystemView {
  readonly partitions: readonly PartitionView[];
  /** Sums over all partitions, per group. */
  readonly groups: readonly Omit<GroupView, 'consumers'>[];
  readonly consumers: readonly ConsumerView[];
  readonly edges: readonly ProcessView[];
  readonly ledger: Ledger;
}

export interface PartitionView {
  readonly partition: number;
  /** Entries in the stream now. */
  readonly length: number;
  /** How long ago the newest entry was written; null where there never was one. */
  readonly newestAgeMs: number | null;
  readonly groups: readonly GroupView[];
  readonly deadLetters: number;
}

export interface GroupView {
  /** `tally` or `log`. */
  readonly name: string;
  /** Entries that no consumer was given yet; null where Redis can't tell. */
  readonly lag: number | null;
  /** Entries that a consumer was given and has not acknowledged. */
  readonly pending: number;
  /** Names of consumers that Redis knows in this group. */
  readonly consumers: readonly { readonly name: string; readonly pending: number; readonly idleMs: number }[];
}

export interface ProcessView {
  readonly name: string;
  /** How long ago it last gave a sign of life. */
  readonly ageMs: number;
  readonly startedAt: string;
  readonly alive: boolean;
  readonly details: Heartbeat['details'];
}

export interface ConsumerView extends ProcessView {
  /** Entries pending for it in all partitions, per group. */
  readonly pending: Readonly<Record<string, number>>;
}

/** A process that gave no sign of life for longer than this counts as dead. */
export const HEARTBEAT_DEAD_MS = 5000;

export async function readSystem(redis: Redis, partitions: number): Promise<SystemView> {
  const [views, beats, ledger] = await Promise.all([
    Promise.all(Array.from({ length: partitions }, (_, partition) => readPartition(redis, partition))),
    readHeartbeats(redis),
    readLedger(redis, partitions),
  ]);
  const all = views.flatMap(({ groups }) => groups);
  const groups = [...new Set(all.map(({ name }) => name))].sort().map((name) => {
    const own = all.filter((group) => group.name === name);
    const lag = own.every((group) => group.lag !== null) ? own.reduce((sum, group) => sum + (group.lag ?? 0), 0) : null;
    return { name, lag, pending: own.reduce((sum, { pending }) => sum + pending, 0) };
  });
  const pendingOf = (consumer: string) =>
    Object.fromEntries(
      groups.map(({ name }) => [
        name,
        sumPending(
          all.filter((group) => group.name === name),
          consumer,
        ),
      ]),
    );
  return {
    partitions: views,
    groups,
    consumers: beats
      .filter(({ role }) => role === 'consumer')
      .map((beat) => ({ ...view(beat), pending: pendingOf(beat.name) })),
    edges: beats.filter(({ role }) => role === 'edge').map(view),
    ledger,
  };
}

function sumPending(groups: readonly GroupView[], consumer: string): number {
  const rows = groups.flatMap(({ consumers }) => consumers).filter(({ name }) => name === consumer);
  return rows.reduce((sum, { pending }) => sum + pending, 0);
}

function view({ name, ageMs, startedAt, details }: Heartbeat & { ageMs: number }): ProcessView {
  return { name, ageMs, startedAt: new Date(startedAt).toISOString(), alive: ageMs <= HEARTBEAT_DEAD_MS, details };
}

async function readPartition(redis: Redis, partition: number): Promise<PartitionView> {
  const key = streamKey(partition);
  const deadLetters = await redis.send<number>(key, ['HLEN', deadKey(partition)]);
  try {
    const [stream, rows, [seconds]] = await Promise.all([
      redis.send<unknown[]>(key, ['XINFO', 'STREAM', key]),
      redis.send<unknown[][]>(key, ['XINFO', 'GROUPS', key]),
      redis.send<[string, string]>(key, ['TIME']),
    ]);
    const info = flatToRecord(stream);
    const newest = Number.parseInt(String(info['last-generated-id'] ?? '0'), 10);
    const groups = await Promise.all(rows.map((row) => readGroup(redis, key, flatToRecord(row))));
    const newestAgeMs = newest === 0 ? null : Math.max(0, Number(seconds) * 1000 - newest);
    return { partition, length: Number(info.length ?? 0), newestAgeMs, groups, deadLetters };
  } catch (error) {
    // Nothing was ever written here.
    if (error instanceof Error && error.message.includes('no such key')) {
      return { partition, length: 0, newestAgeMs: null, groups: [], deadLetters };
    }
    throw error;
  }
}

async function readGroup(redis: Redis, key: string, group: Record<string, unknown>): Promise<GroupView> {
  const name = String(group.name);
  const rows = await redis.send<unknown[][]>(key, ['XINFO', 'CONSUMERS', key, name]);
  const lag = group.lag;
  return {
    name,
    lag: typeof lag === 'number' ? lag : null,
    pending: Number(group.pending ?? 0),
    consumers: rows.map(flatToRecord).map((row) => ({
      name: String(row.name),
      pending: Number(row.pending ?? 0),
      idleMs: Number(row.idle ?? 0),
    })),
  };
}
