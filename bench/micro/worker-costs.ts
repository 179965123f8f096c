import { startWorkerProcess } from '../../edge/testing/worker-process.ts';
import type { DriverResult } from '../load/job.ts';
import { makeJob } from '../load/make-job.ts';
import { judgeAccount } from '../runner/measurement.ts';
import { type Estimate, median } from '../statistics/median.ts';
import { windowRatio } from '../statistics/ratio.ts';
import { openDriver } from '../targets/driver.ts';
import { startEdgeSystem } from '../targets/edge-system.ts';
import { choosePlacement, pin } from '../targets/process/placement.ts';

interface WorkerCostsOptions {
  /** Folder of the built worker. */
  readonly dist: string;
  readonly votesPerSecond: number;
  readonly connections: number;
  /** Pairs of windows, the direct one first in every other. */
  readonly rounds: number;
  readonly windowMs: number;
}

/** Medians over the windows; CPU-seconds of each process per million acknowledged votes. */
interface WorkerRow {
  readonly votesPerSecond: number;
  readonly edge: number;
  readonly redis: number;
  readonly worker: number;
}

export interface WorkerCosts {
  readonly direct: WorkerRow;
  readonly worker: WorkerRow;
  /** The edge's CPU time per vote behind the worker, as a share of the direct one; null for fewer than three pairs. */
  readonly ratio: Estimate | null;
  /** Reasons not to use the figures. */
  readonly invalid: readonly string[];
}

const WARM_UP_MS = 3000;

/**
 * Votes at one edge directly and through a worker on workerd, in turns, on the same processes.
 *
 * @throws {Error} if a process does not start
 */
export async function measureWorker(options: WorkerCostsOptions): Promise<WorkerCosts> {
  const placement = choosePlacement();
  await using started = new AsyncDisposableStack();
  const system = started.use(await startEdgeSystem({ runtime: 'node', codec: 'wasm', transport: 'http1', placement }));
  const worker = started.use(await startWorkerProcess('workerd', options.dist, system.url));
  pin(placement.driver, worker.pid);
  const watch = [...system.watch, { name: 'worker', pid: worker.pid }];
  const load = { transport: 'http1', connections: options.connections, warmupMs: WARM_UP_MS } as const;
  const open = (url: string) => openDriver(makeJob({ url, watch }, 'bandas', load), placement.driver);
  const drivers = [started.use(await open(system.url)), started.use(await open(worker.httpUrl))] as const;
  let acknowledged = system.acknowledgedBefore;
  let unknown = 0;
  const results: [DriverResult[], DriverResult[]] = [[], []];
  for (const driver of drivers) {
    const outcomes = await driver.warmUp();
    acknowledged += outcomes.acknowledged;
    unknown += outcomes.unknown;
  }
  for (let round = 0; round < options.rounds; round++) {
    for (const at of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const load = { kind: 'open', requestsPerSecond: options.votesPerSecond } as const;
      const result = await drivers[at].measure({ load, measureMs: options.windowMs });
      results[at].push(result);
      acknowledged += result.total.acknowledged;
      unknown += result.total.unknown;
      // A backlog would cost time in the next window.
      await system.storage.counted(acknowledged);
    }
  }
  const [direct, behind] = results;
  const audit = await system.storage.audit();
  return {
    direct: rowOf(direct),
    worker: rowOf(behind),
    ratio: windowRatio(behind.map((result, at) => costOf(result, 'server') / costOf(direct[at], 'server'))),
    invalid: [...judgeAccount({ acknowledged, unknown, audit }), ...results.flat().flatMap(failuresOf)],
  };
}

function rowOf(results: readonly DriverResult[]): WorkerRow {
  const cost = (name: string) => median(results.map((result) => costOf(result, name)));
  return {
    votesPerSecond: median(results.map(({ window, seconds }) => window.acknowledged / seconds)),
    edge: cost('server'),
    redis: cost('redis'),
    worker: cost('worker'),
  };
}

/** CPU-seconds per million votes; NaN if this system does not report them. */
function costOf(result: DriverResult | undefined, name: string): number {
  const spent = result?.usage.find((process) => process.name === name)?.cpuSeconds ?? Number.NaN;
  return (spent / (result?.window.acknowledged ?? 0)) * 1e6;
}

function failuresOf({ failures }: DriverResult): string[] {
  return failures.map(({ reason, count }) => `${count} votes were not acknowledged (${reason})`);
}
