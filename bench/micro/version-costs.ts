import { type Cell, makeCell } from '../cells/cell.ts';
import { cpuPerMillion } from '../runner/measurement.ts';
import { type BenchOutcome, runCells } from '../runner/run-cells.ts';
import { type Estimate, median } from '../statistics/median.ts';
import { commonProcessVariance, logMean, type Series, toRatio } from '../statistics/ratio.ts';
import { startEdgeSystem } from '../targets/edge-system.ts';
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
  /** after / before; null for fewer than three windows. */
  readonly ratio: Estimate | null;
}

export interface VersionReport {
  readonly costs: readonly VersionCosts[];
  /** Reasons not to use the figures. */
  readonly invalid: readonly string[];
}

const WARM_UP_MS = 2000;

/** Many votes in flight: the framework of a request is then the largest part of a vote's cost. */
const LOADS = [
  { name: 'HTTP/1.1, 128 x 1', transport: 'http1', connections: 128 },
  { name: 'gRPC, 4 x 32', transport: 'grpc', connections: 4, streams: 32 },
] as const;

/**
 * Single votes at the edges of two versions, in windows that alternate.
 *
 * @param onPass called after each pass
 */
export async function measureVersions(options: VersionOptions, onPass: (pass: number) => void): Promise<VersionReport> {
  const { passes, rounds: windows, windowMs, before, after } = options;
  const placement = choosePlacement();
  const [old, renewed] = (['before', 'after'] as const).map((name) => LOADS.map((load) => makeCell(name, load)));
  const outcome = await runCells({
    blocks: [old ?? [], renewed ?? []].map((cells, at) => ({ name: `${at}`, question: '', passes, windows, cells })),
    warmupMs: WARM_UP_MS,
    measureMs: windowMs,
    placement,
    together: true,
    startSystem: (cell) =>
      startEdgeSystem({ ...cell, placement, root: cell.block === 'before' ? before.root : after.root }),
    signal: new AbortController().signal,
    onBlock: ({ place }) => onPass((place?.pass ?? 0) + 1),
  });
  const all = LOADS.map((load, at) => {
    const [costs, newCosts] = [costsOf(outcome, old?.[at]), costsOf(outcome, renewed?.[at])];
    const series = newCosts.map((pass, n) => pass.map((cost, window) => cost / (costs[n]?.[window] ?? Number.NaN)));
    return { load: load.name, before: median(costs.flat()), after: median(newCosts.flat()), series };
  });
  const processVariance = commonProcessVariance(all.map(({ series }) => series));
  return {
    costs: all.map(({ series, ...costs }) => {
      const mean = logMean(series, processVariance);
      return { ...costs, ratio: mean === undefined ? null : toRatio(mean) };
    }),
    invalid: [
      ...outcome.failures.map(({ cell, error }) => `${cell}: ${error}`),
      ...[...outcome.measurements, ...outcome.sessions].flatMap(({ cell, invalid }) =>
        invalid.map((reason) => `${cell}: ${reason}`),
      ),
    ],
  };
}

/** CPU-seconds of the edge per million votes in each window, by pass; NaN for a window that was left out. */
function costsOf({ measurements }: BenchOutcome, cell: Cell | undefined): Series {
  const own = measurements.filter((one) => one.cell === cell?.id);
  return Object.values(Object.groupBy(own, ({ pass }) => pass)).map((group = []) => {
    const costs = new Array<number>(Math.max(...group.map(({ window }) => window)) + 1).fill(Number.NaN);
    for (const one of group) costs[one.window] = cpuPerMillion(one, 'server');
    return costs;
  });
}
