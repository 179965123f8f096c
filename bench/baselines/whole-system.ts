import type { DriverJob } from '../load/job.ts';
import { variant } from '../runner/scenarios.ts';
import { startSystem } from '../runner/start-system.ts';
import { drive } from '../targets/audit/drive.ts';
import { type Placement, twoCores } from '../targets/placement.ts';

/** What the whole system did with a load that is as much as it takes. */
export interface WholeSystem {
  readonly votes: number;
  /** From the first vote to the last one counted and logged. */
  readonly seconds: number;
  readonly votesPerSecond: number;
}

const WARM_UP_MS = 500;

/**
 * Drives NDJSON batches of 500 at a one-per-voter contest for a time, then waits until all of it is counted and in the
 * log. The time of that wait counts: a backlog is no throughput.
 *
 * @throws {Error} where what is acknowledged is not counted in the end
 */
export async function measureWholeSystem(anyPlacement: Placement, seconds: number): Promise<WholeSystem> {
  const placement = twoCores(anyPlacement);
  const settings = variant({
    scenario: 'floor',
    transport: 'http1',
    contest: 'cats-vs-dogs',
    shape: { kind: 'batch', size: 500 },
    connections: 4,
  });
  await using system = await startSystem(settings, placement);
  let startedAt = performance.now();
  const { total } = await drive(await batchJob(system, { seconds, connections: 4, contest: 'cats-vs-dogs' }), {
    core: placement.driver,
    // The requests are made by then.
    onReady: () => {
      startedAt = performance.now();
    },
  });
  await system.logged?.(total.acknowledged);
  const elapsed = (performance.now() - startedAt) / 1000;
  const audit = await system.audit?.();
  if (audit?.counted !== total.acknowledged + system.acknowledgedBefore) {
    throw new Error(`${total.acknowledged} votes acknowledged, ${audit?.counted} counted`);
  }
  return { votes: total.acknowledged, seconds: elapsed, votesPerSecond: total.acknowledged / elapsed };
}

/** What one edge keeps in memory after many votes. */
export interface EdgeMemory {
  readonly votes: number;
  readonly rssBytes: number;
  /** After half of the time: a leak would show as a difference. */
  readonly rssBytesHalfway: number;
}

/** The memory of one edge after as many votes in batches as it takes in `seconds`. */
export async function measureMemory(placement: Placement, seconds: number): Promise<EdgeMemory> {
  const settings = variant({
    scenario: 'floor',
    transport: 'http1',
    shape: { kind: 'batch', size: 500 },
    connections: 8,
  });
  await using system = await startSystem(settings, placement);
  const job = await batchJob(system, { seconds, connections: 8, contest: 'bandas' });
  const { total, usage, rows } = await drive(job, { core: placement.driver });
  const rssOf = (all: typeof usage) => all.find(({ name }) => name === 'server')?.rssBytes ?? Number.NaN;
  const halfway = rows[Math.floor(rows.length / 2)]?.usage ?? [];
  return { votes: total.acknowledged, rssBytes: rssOf(usage), rssBytesHalfway: rssOf(halfway) };
}

interface BatchLoad {
  readonly seconds: number;
  readonly connections: number;
  readonly contest: 'bandas' | 'cats-vs-dogs';
}

async function batchJob(system: Awaited<ReturnType<typeof startSystem>>, load: BatchLoad): Promise<DriverJob> {
  const { rule, options } = await system.contest(load.contest);
  return {
    url: system.httpUrl,
    transport: 'http1',
    shape: { kind: 'batch', size: 500 },
    connections: load.connections,
    streams: 1,
    load: { kind: 'closed' },
    workload: { contest: load.contest, rule, options, payload: 'small', seed: 3 },
    warmupMs: WARM_UP_MS,
    measureMs: load.seconds * 1000,
    watch: system.watch,
  };
}
