import type { DriverResult } from '../load/job.ts';
import { judgeAccount } from '../runner/measurement.ts';
import { type Estimate, median } from '../statistics/median.ts';
import { geometricMean, ratioEstimate } from '../statistics/ratio.ts';
import { Driver, type OpenJob } from '../targets/driver.ts';
import { type EdgeSystem, startEdgeSystem } from '../targets/edge-system.ts';
import { choosePlacement } from '../targets/process/placement.ts';

/** A checkout, built. */
export interface Version {
  readonly name: string;
  readonly root: string;
}

interface VersionOptions {
  readonly before: Version;
  readonly after: Version;
  /** Each on new processes: what a process owes to chance differs from one to the next. */
  readonly passes: number;
  /** Pairs of windows in a pass and load. */
  readonly rounds: number;
  readonly windowMs: number;
}

/** The same votes at both versions. */
export interface VersionCosts {
  readonly load: string;
  /** CPU-seconds of the edge per million acknowledged votes: medians over the windows. */
  readonly before: number;
  readonly after: number;
  /** after / before over the passes; null for fewer than three. */
  readonly ratio: Estimate | null;
}

export interface VersionReport {
  readonly costs: readonly VersionCosts[];
  /** Reasons not to use the figures. */
  readonly invalid: readonly string[];
}

const CONTEST = 'bandas';
const WARM_UP_MS = 2000;
const SEED = 20_260_401;

/** Many votes in flight: the framework of a request is then the largest part of a vote's cost. */
const LOADS = [
  { name: 'HTTP/1.1, 128 x 1', transport: 'http1', encoding: 'json', connections: 128, streams: 1 },
  { name: 'gRPC, 4 x 32', transport: 'grpc', encoding: 'protobuf', connections: 4, streams: 32 },
] as const;

type Load = (typeof LOADS)[number];
/** Costs of the windows of a load in one pass: CPU-seconds per million votes. */
type Windows = Map<Load, readonly [before: number[], after: number[]]>;

/**
 * Single votes at the edges of two versions, in windows that alternate.
 *
 * @param onPass called after each pass
 * @throws {Error} if a process does not start
 */
export async function measureVersions(options: VersionOptions, onPass: (pass: number) => void): Promise<VersionReport> {
  const passes: Windows[] = [];
  const invalid: string[] = [];
  for (let pass = 0; pass < options.passes; pass++) {
    passes.push(await measurePass(options, pass % 2 === 1, invalid));
    onPass(pass + 1);
  }
  const costs = LOADS.map((load) => {
    const windows = passes.map((pass) => pass.get(load) ?? ([[], []] as const));
    const ratios = windows.map(([before, after]) => geometricMean(after.map((cost, at) => cost / (before[at] ?? 0))));
    return {
      load: load.name,
      before: median(windows.flatMap(([before]) => before)),
      after: median(windows.flatMap(([, after]) => after)),
      ratio: ratioEstimate(ratios),
    };
  });
  return { costs, invalid };
}

async function measurePass(options: VersionOptions, swapped: boolean, invalid: string[]): Promise<Windows> {
  const placement = choosePlacement();
  await using started = new AsyncDisposableStack();
  const start = async ({ root }: Version) =>
    started.use(await startEdgeSystem({ runtime: 'node', codec: 'wasm', transport: 'http1', placement, root }));
  const first = await start(swapped ? options.after : options.before);
  const second = await start(swapped ? options.before : options.after);
  const systems = swapped ? ([second, first] as const) : ([first, second] as const);
  const driver = started.use(await Driver.start(placement.driver));
  const voters = systems.map((system) => new Voter(system, driver));
  const windows: Windows = new Map(LOADS.map((load) => [load, [[], []]]));
  for (const load of LOADS) for (const voter of voters) await voter.open(load);
  for (let round = 0; round < options.rounds; round++) {
    for (const [load, costs] of windows) {
      for (const at of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        costs[at].push((await voters[at]?.measure(load, options.windowMs)) ?? Number.NaN);
      }
    }
  }
  for (const voter of voters) invalid.push(...(await voter.judge()));
  return windows;
}

/** Votes at one system, and keeps the account of them. */
class Voter {
  readonly #system: EdgeSystem;
  readonly #driver: Driver;
  readonly #jobs = new Map<Load, OpenJob>();
  readonly #failures: DriverResult['failures'][number][] = [];
  #acknowledged: number;
  #unknown = 0;

  constructor(system: EdgeSystem, driver: Driver) {
    this.#system = system;
    this.#driver = driver;
    this.#acknowledged = system.acknowledgedBefore;
  }

  async open(load: Load): Promise<void> {
    const { transport, encoding, connections, streams } = load;
    const { rule, options } = await this.#system.contest(CONTEST);
    const job = await this.#driver.open({
      url: this.#system.url,
      ...{ transport, encoding, connections, streams },
      shape: { kind: 'single' },
      workload: { contest: CONTEST, rule, options, payload: 'small', seed: SEED },
      warmupMs: WARM_UP_MS,
      watch: this.#system.watch,
    });
    const { acknowledged, unknown } = await job.warmUp();
    this.#acknowledged += acknowledged;
    this.#unknown += unknown;
    this.#jobs.set(load, job);
  }

  /** CPU-seconds of the edge per million acknowledged votes; NaN if this system does not report them. */
  async measure(load: Load, measureMs: number): Promise<number> {
    const result = await this.#jobs.get(load)?.measure({ load: { kind: 'closed' }, measureMs });
    if (result === undefined) return Number.NaN;
    this.#acknowledged += result.total.acknowledged;
    this.#unknown += result.total.unknown;
    this.#failures.push(...result.failures);
    // A backlog would cost time in the next window.
    await this.#system.storage.counted(this.#acknowledged);
    const spent = result.usage.find(({ name }) => name === 'server')?.cpuSeconds ?? Number.NaN;
    return (spent / result.window.acknowledged) * 1e6;
  }

  /** Reasons not to use the figures. */
  async judge(): Promise<string[]> {
    const audit = await this.#system.storage.audit();
    return [
      ...judgeAccount({ acknowledged: this.#acknowledged, unknown: this.#unknown, audit }),
      ...this.#failures.map(({ reason, count }) => `${count} votes were not acknowledged (${reason})`),
    ];
  }
}
