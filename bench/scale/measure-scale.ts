import { setTimeout as delay } from 'node:timers/promises';
import { readLedger } from '../../store/monitoring/ledger.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { votersKey } from '../../store/streams/keys.ts';
import type { ProcessUsage } from '../load/job.ts';
import { type Contest, makeJob } from '../load/make-job.ts';
import { readAllUsage, usageSince } from '../load/process-usage.ts';
import { openDriver } from '../targets/driver.ts';
import { type Placement, twoCores } from '../targets/process/placement.ts';
import { type ScaleSystem, startScaleSystem } from './scale-system.ts';

/** One measurement of the whole system. */
export interface ScalePoint {
  readonly partitions: number;
  readonly masters: number;
  /** Votes per request. */
  readonly batch: number;
  readonly votes: number;
  /** Rate from the first vote until the last one is counted and logged. */
  readonly votesPerSecond: number;
  /** CPU-seconds per million votes. */
  readonly cpu: Readonly<Record<Component, number>>;
  /** Commands that Redis executed per vote, and per second without load. */
  readonly commandsPerVote: number;
  readonly idleCommandsPerSecond: number;
  /** Redis memory per voter of a one-per-voter contest. */
  readonly bytesPerVoter: number;
  /** TCP payload between the client and the edge. */
  readonly bytesPerVote: number;
}

export const COMPONENTS = ['edge', 'redis', 'tally', 'log'] as const;
export type Component = (typeof COMPONENTS)[number];

export interface PointOptions extends Pick<ScalePoint, 'partitions' | 'masters' | 'batch'> {
  /** Default: `cats-vs-dogs`, one vote per voter, in which most votes of a point change an earlier one. */
  readonly contest?: Contest;
  readonly seconds: number;
  readonly placement: Placement;
}

const ONE_PER_VOTER: Contest = 'cats-vs-dogs';
const IDLE_MS = 2000;
/** If no further vote is logged for this time, the rest is considered lost. */
const STALLED_MS = 15_000;

/**
 * Sends batches to a contest, then waits until all of them are counted and logged. The wait is part of the time,
 * because a backlog is not throughput.
 *
 * @throws {Error} if acknowledged votes are never counted and logged
 */
export async function measureScalePoint(options: PointOptions): Promise<ScalePoint> {
  const { partitions, masters, batch, seconds, contest = ONE_PER_VOTER } = options;
  const placement = twoCores(options.placement);
  await using system = await startScaleSystem({ partitions, masters, placement });
  const load = batch === 1 ? { connections: 64 } : { connections: 8, shape: { kind: 'batch', size: batch } as const };
  const job = makeJob(system, contest, { transport: 'http1', warmupMs: 700, ...load });
  await using driver = await openDriver(job, placement.driver);
  let acknowledged = 1 + (await driver.warmUp()).acknowledged;
  await settle(system.redis, partitions, acknowledged);
  const idleCommandsPerSecond = await idleCommands(system);

  const usageBefore = readAllUsage(system.watch);
  const commandsBefore = await commands(system);
  const startedAt = performance.now();
  const { total, bytesIn, bytesOut } = await driver.measure({ load: { kind: 'closed' }, measureMs: seconds * 1000 });
  acknowledged += total.acknowledged;
  await settle(system.redis, partitions, acknowledged);
  const elapsed = (performance.now() - startedAt) / 1000;
  const usage = usageSince(system.watch, usageBefore);
  const spent = (await commands(system)) - commandsBefore;
  const votes = total.acknowledged;
  const perMillion = (name: Component) => (cpuOf(usage, name) / votes) * 1e6;
  return {
    partitions,
    masters,
    batch,
    votes,
    votesPerSecond: votes / elapsed,
    cpu: { edge: perMillion('edge'), redis: perMillion('redis'), tally: perMillion('tally'), log: perMillion('log') },
    commandsPerVote: spent / votes,
    idleCommandsPerSecond,
    bytesPerVoter: await bytesPerVoter(system.redis, partitions),
    // Bytes are counted within the window, like nearly all votes.
    bytesPerVote: (bytesOut + bytesIn) / votes,
  };
}

function cpuOf(usage: readonly ProcessUsage[], name: string): number {
  return usage.filter((one) => one.name === name).reduce((sum, { cpuSeconds }) => sum + (cpuSeconds ?? Number.NaN), 0);
}

async function settle(redis: Redis, partitions: number, votes: number): Promise<void> {
  let reached = -1;
  for (let deadline = 0; ; ) {
    const { tallied, logged } = (await readLedger(redis, partitions)).votes;
    if (tallied >= votes && logged >= votes) return;
    if (tallied + logged !== reached) deadline = Date.now() + STALLED_MS;
    reached = tallied + logged;
    if (Date.now() > deadline) throw new Error(`of ${votes} votes ${tallied} are counted and ${logged} logged`);
    await delay(20);
  }
}

/** Commands that all masters executed since their start. */
async function commands({ nodes }: ScaleSystem): Promise<number> {
  const stats = await Promise.all(nodes.map((node) => node.send(undefined, ['INFO', 'stats'])));
  return stats.reduce<number>((sum, text) => sum + Number(/total_commands_processed:(\d+)/.exec(String(text))?.[1]), 0);
}

async function idleCommands(system: ScaleSystem): Promise<number> {
  const before = await commands(system);
  await delay(IDLE_MS);
  return ((await commands(system)) - before) / (IDLE_MS / 1000);
}

async function bytesPerVoter(redis: Redis, partitions: number): Promise<number> {
  let [bytes, voters] = [0, 0];
  for (let partition = 0; partition < partitions; partition++) {
    const prefix = votersKey(partition, ONE_PER_VOTER);
    for (const key of await keysOf(redis, prefix)) {
      bytes += Number(await redis.send(key, ['MEMORY', 'USAGE', key, 'SAMPLES', '0']));
      voters += Number(await redis.send(key, ['HLEN', key]));
    }
  }
  return bytes / voters;
}

async function keysOf(redis: Redis, prefix: string): Promise<string[]> {
  const found = await redis.send(prefix, ['KEYS', `${prefix.replaceAll(/[{}]/g, '\\$&')}*`]);
  return Array.isArray(found) ? found.map(String) : [];
}
