import type { Cell } from '../cells/cell.ts';
import { cpuPerMillion, type Measurement } from '../runner/measurement.ts';
import { type BenchPlan, runCells } from '../runner/run-cells.ts';
import { type Estimate, median } from '../statistics/median.ts';
import { commonProcessVariance, logMean, type Series, toRatio } from '../statistics/ratio.ts';

/** Two ways to send the same votes. */
export interface CellPair {
  readonly before: Cell;
  readonly after: Cell;
}

export interface PairCosts extends CellPair {
  /** CPU-seconds of the server per million votes, after / before; null for fewer than three windows in common. */
  readonly ratio: Estimate | null;
}

export interface CellComparison {
  readonly pairs: readonly PairCosts[];
  /** The median over a cell's windows. */
  readonly medianOf: (cell: Cell, figure: (measurement: Measurement) => number) => number;
  /** Reasons not to use the figures. */
  readonly invalid: readonly string[];
}

type Plan = Pick<BenchPlan, 'warmupMs' | 'measureMs' | 'placement' | 'startSystem'> & {
  readonly passes: number;
  readonly windows: number;
  readonly onPass?: (pass: number) => void;
};

/** Runs all cells at the same time and measures them in alternating windows. */
export async function compareCells(pairs: readonly CellPair[], plan: Plan): Promise<CellComparison> {
  const { passes, windows, onPass = () => undefined } = plan;
  const cells = pairs.flatMap(({ before, after }) => [before, after]);
  const { measurements, sessions, failures } = await runCells({
    ...plan,
    blocks: [{ name: 'comparison', question: '', passes, windows, cells }],
    together: true,
    signal: new AbortController().signal,
    onBlock: ({ place }) => onPass((place?.pass ?? 0) + 1),
  });
  const all = pairs.map((pair): readonly [CellPair, Series] => [pair, ratiosOf(pair, measurements)]);
  const processVariance = commonProcessVariance(all.map(([, series]) => series));
  return {
    pairs: all.map(([pair, series]) => {
      const mean = logMean(series, processVariance);
      return { ...pair, ratio: mean === undefined ? null : toRatio(mean) };
    }),
    medianOf: ({ id }, figure) => median(measurements.filter(({ cell }) => cell === id).map(figure)),
    invalid: [
      ...failures.map(({ cell, error }) => `${cell}: ${error}`),
      ...[...measurements, ...sessions].flatMap(({ cell, invalid }) => invalid.map((reason) => `${cell}: ${reason}`)),
    ],
  };
}

function ratiosOf({ before, after }: CellPair, measurements: readonly Measurement[]): Series {
  const later = measurements.filter(({ cell }) => cell === after.id);
  return Object.values(Object.groupBy(later, ({ pass }) => pass)).map((group = []) =>
    group.flatMap((one) => {
      const other = measurements.find(
        ({ cell, pass, window }) => cell === before.id && pass === one.pass && window === one.window,
      );
      return other === undefined ? [] : [cpuPerMillion(one, 'server') / cpuPerMillion(other, 'server')];
    }),
  );
}
