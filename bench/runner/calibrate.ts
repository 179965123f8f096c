import { externalLoad, findTool } from '../load/external/external-load.ts';
import type { ExternalTool } from '../load/external/external-tools.ts';
import type { Load, ProcessUsage, Transport } from '../load/job.ts';
import { makeJob } from '../load/make-job.ts';
import { type Estimate, median } from '../statistics/median.ts';
import { windowRatio } from '../statistics/ratio.ts';
import { openDriver } from '../targets/driver.ts';
import { startEdgeSystem } from '../targets/edge-system.ts';
import type { Placement } from '../targets/process/placement.ts';

export interface Shape {
  readonly tool: ExternalTool;
  readonly transport: Transport;
  readonly connections: number;
  readonly streams: number;
}

/** CPU-seconds of the same server per million votes, driven by our load generator and by another one. */
export interface LoadComparison extends Shape {
  readonly own: number;
  readonly external: number;
  /** Own / external over the pairs of windows. */
  readonly ratio: Estimate | null;
}

export interface CalibrateOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly placement: Placement;
}

export const SHAPES: readonly Shape[] = [
  { tool: 'wrk', transport: 'http1', connections: 64, streams: 1 },
  { tool: 'h2load', transport: 'http2', connections: 4, streams: 32 },
  { tool: 'h2load', transport: 'grpc', connections: 4, streams: 32 },
  { tool: 'h2load', transport: 'grpc', connections: 64, streams: 1 },
  { tool: 'ghz', transport: 'grpc', connections: 64, streams: 1 },
];
/** Tools that cannot saturate the server. Both generators then send evenly, at half the rate that the tool reaches. */
const SLOW: ReadonlySet<ExternalTool> = new Set(['ghz']);

/**
 * Drives one edge alternately with both generators.
 *
 * @throws {Error} if the tool is not installed or fails
 */
export async function calibrate(shape: Shape, options: CalibrateOptions): Promise<LoadComparison> {
  const { tool, transport, connections, streams } = shape;
  const { placement, seconds } = options;
  const found = findTool(tool);
  if (!found.ok) throw new Error(`${tool}: ${found.reason}`);
  await using system = await startEdgeSystem({ runtime: 'node', codec: 'wasm', transport, placement });
  // Both repeat the same vote, because another voter would be in another partition.
  const job = makeJob(system, 'bandas', { transport, connections, streams, requests: 1 });
  await using driver = await openDriver(job, placement.driver);
  await driver.warmUp();
  const external = { program: found.program, seconds, core: placement.driver };
  let load: Load = { kind: 'closed' };
  if (SLOW.has(tool)) {
    const fastest = await externalLoad(tool, job, external);
    load = { kind: 'open', requestsPerSecond: fastest.succeeded / fastest.seconds / 2 };
  }
  const rate = load.kind === 'open' ? { requestsPerSecond: load.requestsPerSecond } : {};
  const pairs: { own: number; external: number }[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const pair = { own: Number.NaN, external: Number.NaN };
    const turns = [
      async () => {
        const result = await externalLoad(tool, job, { ...external, ...rate });
        pair.external = perMillion(result.usage, result.succeeded);
      },
      async () => {
        const { usage, window } = await driver.measure({ load, measureMs: seconds * 1000 });
        pair.own = perMillion(usage, window.acknowledged);
      },
    ];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
    pairs.push(pair);
  }
  return {
    ...shape,
    own: median(pairs.map(({ own }) => own)),
    external: median(pairs.map(({ external }) => external)),
    ratio: windowRatio(pairs.map(({ own, external }) => own / external)),
  };
}

function perMillion(usage: readonly ProcessUsage[], votes: number): number {
  return ((usage.find(({ name }) => name === 'server')?.cpuSeconds ?? Number.NaN) / votes) * 1e6;
}
