import type { LogStore } from '../log/log-store.ts';
import type { Redis } from '../redis/redis.ts';
import { readRedisTime } from '../redis/redis-time.ts';
import { parseInteger } from '../redis/replies.ts';
import { deadKey, LOG_GROUP, streamKey } from '../streams/keys.ts';
import {
  type ConsumerInfo,
  type GroupInfo,
  readConsumers,
  readGroups,
  readStreamInfo,
} from '../streams/stream-info.ts';
import { acceptsHeartbeats, HEARTBEAT_DEAD_MS, type Heartbeat, readHeartbeats } from './heartbeats.ts';
import { type Ledger, readLedger } from './ledger.ts';
import { countLogged, readWarnings } from './warnings.ts';

/** The state of streams, groups and processes, for `/api/system` and the metrics. */
export interface SystemView {
  readonly partitions: readonly PartitionView[];
  /** Sums over all partitions, per group. */
  readonly groups: readonly Omit<GroupView, 'consumers'>[];
  readonly consumers: readonly ConsumerView[];
  readonly edges: readonly ProcessView[];
  /** False while Redis rejects writes, for example out of memory: no process can report then. */
  readonly canReport: boolean;
  readonly ledger: Ledger;
  /** Messages for operators: Redis lost data, restarted older than the log, or its clock was set back. */
  readonly warnings: readonly string[];
}

export interface PartitionView {
  readonly partition: number;
  /** Entries in the stream now. */
  readonly length: number;
  /** Age of the newest entry; null if there has never been one. */
  readonly newestAgeMs: number | null;
  readonly groups: readonly GroupView[];
  readonly deadLetters: number;
}

/** The group `tally` or `log`, with its consumers in Redis. */
export interface GroupView extends Pick<GroupInfo, 'name' | 'lag' | 'pending'> {
  readonly consumers: readonly ConsumerInfo[];
}

export interface ProcessView {
  readonly name: string;
  /** Age of the last heartbeat. */
  readonly ageMs: number;
  /** The last heartbeat. */
  readonly reportedAt: string;
  readonly startedAt: string;
  /** True if the process reported recently. While no process can report: true unless it is known to be dead. */
  readonly alive: boolean;
  readonly details: Heartbeat['details'];
}

export interface ConsumerView extends ProcessView {
  /** Entries pending for this consumer in all partitions, by group. */
  readonly pending: Readonly<Record<string, number>>;
}

/** @param log compared with the ledger unless it is unreachable */
export async function readSystem(
  redis: Redis,
  partitions: number,
  log?: Pick<LogStore, 'totals'>,
): Promise<SystemView> {
  // Read first: votes that are logged later may already be in the ledger.
  const logged = await countLogged(log);
  const [views, beats] = await Promise.all([
    Promise.all(Array.from({ length: partitions }, (_, partition) => readPartition(redis, partition))),
    readHeartbeats(redis),
  ]);
  const ledger = await readLedger(redis, partitions);
  const canReport = await acceptsHeartbeats(redis, beats);
  const all = views.flatMap(({ groups }) => groups);
  const groups = [...new Set(all.map(({ name }) => name))].sort().map((name) => {
    const rows = all.filter((group) => group.name === name);
    const isKnown = rows.every(({ lag }) => lag !== null);
    const lag = isKnown ? rows.reduce((sum, group) => sum + (group.lag ?? 0), 0) : null;
    return { name, lag, pending: rows.reduce((sum, { pending }) => sum + pending, 0) };
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
  const pending = groups.find(({ name }) => name === LOG_GROUP)?.pending ?? 0;
  return {
    partitions: views,
    groups,
    consumers: beats
      .filter(({ role }) => role === 'consumer')
      .map((beat) => ({ ...view(beat, canReport), pending: pendingOf(beat.name) })),
    edges: beats.filter(({ role }) => role === 'edge').map((beat) => view(beat, canReport)),
    canReport,
    ledger,
    warnings: await readWarnings(redis, { partitions, ledger, logged, pending }),
  };
}

function sumPending(groups: readonly GroupView[], consumer: string): number {
  const rows = groups.flatMap(({ consumers }) => consumers).filter(({ name }) => name === consumer);
  return rows.reduce((sum, { pending }) => sum + pending, 0);
}

function view(beat: Heartbeat & { ageMs: number }, canReport: boolean): ProcessView {
  const { name, ageMs, at, startedAt, details } = beat;
  const alive = ageMs <= HEARTBEAT_DEAD_MS || !canReport;
  const [reported, started] = [at, startedAt].map((time) => new Date(time).toISOString()) as [string, string];
  return { name, ageMs, reportedAt: reported, startedAt: started, alive, details };
}

async function readPartition(redis: Redis, partition: number): Promise<PartitionView> {
  const key = streamKey(partition);
  const [deadLetters, info, now, groups] = await Promise.all([
    redis.send(key, ['HLEN', deadKey(partition)], parseInteger),
    readStreamInfo(redis, key),
    readRedisTime(redis, key),
    readGroups(redis, key),
  ]);
  if (info === undefined) return { partition, length: 0, newestAgeMs: null, groups: [], deadLetters };
  const newest = Number.parseInt(info.lastId, 10);
  return {
    partition,
    length: info.length,
    newestAgeMs: newest === 0 ? null : Math.max(0, Math.floor(now - newest)),
    groups: await Promise.all(
      groups.map(async ({ name, lag, pending }) => {
        return { name, lag, pending, consumers: await readConsumers(redis, key, name) };
      }),
    ),
    deadLetters,
  };
}
