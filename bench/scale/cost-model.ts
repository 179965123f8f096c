import { COMPONENTS, type Component, type ScalePoint } from './measure-scale.ts';

/** CPU-seconds per million votes of a component: `perVote + perRequest / batch`. */
export interface ComponentCost {
  readonly perVote: number;
  readonly perRequest: number;
}

/** What the plan rests on; written by `npm run bench:scale`. */
export interface CostModel {
  readonly measuredAt: string;
  readonly machine: string;
  readonly cost: Readonly<Record<Component, ComponentCost>>;
  readonly bytesPerVoter: number;
  readonly bytesPerVote: ComponentCost;
  /** Redis commands per second without load: a constant and a share per partition. */
  readonly idleCommands: { readonly fixed: number; readonly perPartition: number };
  readonly points: readonly ScalePoint[];
  /** Points that the model was not fitted on, and its prediction of the whole system's CPU for them. */
  readonly checks: readonly { readonly batch: number; readonly predicted: number; readonly measured: number }[];
}

export interface FitInput {
  readonly points: readonly ScalePoint[];
  readonly heldOut: readonly ScalePoint[];
  readonly measuredAt: Date;
  readonly machine: string;
}

/** Fits the model to the points on one Redis master with the most common number of partitions. */
export function fitModel({ points, heldOut, measuredAt, machine }: FitInput): CostModel {
  const byBatch = points.filter(({ partitions, masters }) => masters === 1 && partitions === FITTED_PARTITIONS);
  const line = (of: (point: ScalePoint) => number) => {
    const { intercept, slope } = leastSquares(byBatch.map((point) => ({ x: 1 / point.batch, y: of(point) })));
    return { perVote: Math.max(0, intercept), perRequest: Math.max(0, slope) };
  };
  const cost = {
    edge: line(({ cpu }) => cpu.edge),
    redis: line(({ cpu }) => cpu.redis),
    tally: line(({ cpu }) => cpu.tally),
    log: line(({ cpu }) => cpu.log),
  };
  const idle = leastSquares(
    points
      .filter(({ masters }) => masters === 1)
      .map(({ partitions, idleCommandsPerSecond }) => ({ x: partitions, y: idleCommandsPerSecond })),
  );
  const model = {
    measuredAt: measuredAt.toISOString(),
    machine,
    cost,
    bytesPerVoter: Math.max(...points.map(({ bytesPerVoter }) => bytesPerVoter)),
    bytesPerVote: line(({ bytesPerVote }) => bytesPerVote),
    idleCommands: { fixed: Math.max(0, idle.intercept), perPartition: Math.max(0, idle.slope) },
    points,
  };
  const checks = heldOut.map(({ batch, cpu }) => ({
    batch,
    predicted: COMPONENTS.reduce((sum, name) => sum + costAt(model.cost[name], batch), 0),
    measured: COMPONENTS.reduce((sum, name) => sum + cpu[name], 0),
  }));
  return { ...model, checks };
}

/** The number of partitions at which the batch sizes are measured. */
export const FITTED_PARTITIONS = 4;

/** CPU-seconds per million votes, or bytes per vote, at a batch size. */
export function costAt({ perVote, perRequest }: ComponentCost, batch: number): number {
  return perVote + perRequest / batch;
}

/**
 * The line through the points that minimizes the squares of the relative errors: a batch of 500 costs a hundredth of
 * single votes and must not be drowned by them.
 */
export function leastSquares(points: readonly { readonly x: number; readonly y: number }[]): {
  intercept: number;
  slope: number;
} {
  let [w, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (const { x, y } of points) {
    const weight = 1 / Math.max(Math.abs(y), 1e-9) ** 2;
    w += weight;
    wx += weight * x;
    wy += weight * y;
    wxx += weight * x * x;
    wxy += weight * x * y;
  }
  const determinant = w * wxx - wx * wx;
  if (Math.abs(determinant) < 1e-30) return { intercept: wy / w, slope: 0 };
  return { intercept: (wxx * wy - wx * wxy) / determinant, slope: (w * wxy - wx * wy) / determinant };
}
