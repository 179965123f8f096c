import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { Status, VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { makeJob } from '../load/make-job.ts';
import { mulberry32 } from '../load/pool.ts';
import type { Freshness, LatencyMs } from '../report/report.ts';
import { watchTotals } from '../targets/audit/watch-totals.ts';
import { type Dashboard, startDashboard } from '../targets/dashboard.ts';
import { openDriver } from '../targets/driver.ts';
import { type EdgeSystem, startEdgeSystem } from '../targets/edge-system.ts';
import type { Placement } from '../targets/process/placement.ts';

export interface FreshnessOptions {
  readonly samples: number;
  /** Background load in votes per second over the same path. */
  readonly backgroundRate: number;
  readonly placement: Placement;
}

/** The probe votes in a different contest from the load, so that its votes are visible in the counts. */
const PROBE = { contest: 'visits', choice: 'visit', voter: 'probe' };
const SHOWN_TIMEOUT_MS = 10_000;
const LONGEST_PAUSE_MS = 300;
/** The load runs this long before the first sample. */
const LEAD_MS = 1500;

/**
 * Measures, under a light load on the same path, the time from sending a vote until its sender is notified of the
 * count, and until a viewer of the results gets the new total.
 *
 * @throws {Error} if a process does not start, or a vote is not counted in time
 */
export async function measureFreshness(path: 'http' | 'grpc', options: FreshnessOptions): Promise<Freshness> {
  const { placement, samples, backgroundRate } = options;
  const transport = path === 'http' ? 'http1' : 'grpc';
  await using system = await startEdgeSystem({ runtime: 'node', codec: 'wasm', transport, placement });
  await using dashboard = await startDashboard(system.redisUrl, system.dataDir, placement.consumer);
  const background = makeJob(system, 'bandas', { transport, connections: 8, warmupMs: 300 });
  await using driver = await openDriver(background, placement.driver);
  await driver.warmUp();
  const measureMs = LEAD_MS + Math.ceil(samples / 2.5) * 1000;
  const load = driver.measure({ load: { kind: 'open', requestsPerSecond: backgroundRate }, measureMs });
  const [{ total }, { counted, shown }] = await Promise.all([
    load,
    delay(LEAD_MS).then(() => probe(path, system, { dashboard, samples })),
  ]);
  if (total.acknowledged === 0) throw new Error('the votes beside the samples were not accepted');
  return { path, samples, backgroundRate, countedMs: percentiles(counted), shownMs: percentiles(shown) };
}

async function probe(path: 'http' | 'grpc', system: EdgeSystem, run: { dashboard: Dashboard; samples: number }) {
  const cast = path === 'http' ? castOverHttp(system.url) : castOverGrpc(system.url);
  const random = mulberry32(11);
  const counted: number[] = [];
  const shown: number[] = [];
  // The first calls open connections.
  for (let i = 0; i < 3; i++) await cast();
  await using viewer = await watchTotals(run.dashboard.url, PROBE.contest);
  await viewer.reaches(4, SHOWN_TIMEOUT_MS);
  for (let i = 0; i < run.samples; i++) {
    // Viewers are updated at fixed times, so votes must arrive at random times.
    await delay(random() * LONGEST_PAUSE_MS);
    const expected = viewer.total + 1;
    const sentAt = performance.now();
    const seen = viewer.reaches(expected, SHOWN_TIMEOUT_MS).then(() => shown.push(performance.now() - sentAt));
    seen.catch(() => undefined);
    await cast();
    counted.push(performance.now() - sentAt);
    await seen;
  }
  return { counted, shown };
}

function castOverHttp(url: string): () => Promise<void> {
  return async () => {
    const response = await fetch(`${url}/v1/votes?wait=counted`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(PROBE),
    });
    const { status } = (await response.json()) as { status?: string };
    if (status !== 'counted') throw new Error(`the probe's vote is ${status ?? response.status}`);
  };
}

function castOverGrpc(url: string): () => Promise<void> {
  const client = createClient(VoteService, createGrpcTransport({ baseUrl: url }));
  return async () => {
    const { status } = await client.castVote({ vote: PROBE, wait: true });
    if (status !== Status.COUNTED) throw new Error(`the probe's vote has status ${status}`);
  };
}

function percentiles(values: readonly number[]): LatencyMs {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) };
}
