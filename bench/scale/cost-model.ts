import { median } from '../statistics/median.ts';
import { COMPONENTS, type Component, type ScalePoint } from './measure-scale.ts';

/** A cost at each measured batch size, in ascending order: CPU-seconds per million votes, or bytes per vote. */
export type CostCurve = readonly { readonly batch: number; readonly cost: number }[];

/** The data for plans; written by `npm run bench:scale`. */
export interface CostModel {
  readonly measuredAt: string;
  readonly machine: string;
  readonly cost: Readonly<Record<Component, CostCurve>>;
  readonly bytesPerVoter: number;
  readonly bytesPerVote: CostCurve;
  /** Redis commands per second without load: a constant and a share per partition. */
  readonly idleCommands: { readonly fixed: number; readonly perPartition: number };
  readonly points: readonly ScalePoint[];
  /** Predicted and measured CPU of the whole system for a batch size that was not used in the fit. */
  readonly checks: readonly { readonly batch: number; readonly predicted: number; readonly measured: number }[];
}

export interface FitInput {
  /** Repeated shapes are reduced to their median. */
  readonly points: readonly ScalePoint[];
  readonly heldOut: readonly ScalePoint[];
  readonly measuredAt: Date;
  readonly machine: string;
}

/** The number of partitions at which the batch sizes are measured. */
export const FITTED_PARTITIONS = 4;

/** Builds the model from the points on one Redis master with the most common number of partitions. */
export function fitModel({ points, heldOut, measuredAt, machine }: FitInput): CostModel {
  const byBatch = points.filter(({ partitions, masters }) => masters === 1 && partitions === FITTED_PARTITIONS);
  const cost = {
    edge: curve(byBatch, ({ cpu }) => cpu.edge),
    redis: curve(byBatch, ({ cpu }) => cpu.redis),
    tally: curve(byBatch, ({ cpu }) => cpu.tally),
    log: curve(byBatch, ({ cpu }) => cpu.log),
  };
  const sum = (of: (name: Component) => number) => COMPONENTS.reduce((total, name) => total + of(name), 0);
  const checks = curve(heldOut, ({ cpu }) => sum((name) => cpu[name])).map(({ batch, cost: measured }) => ({
    batch,
    predicted: sum((name) => costAt(cost[name], batch)),
    measured,
  }));
  return {
    measuredAt: measuredAt.toISOString(),
    machine,
    cost,
    bytesPerVoter: Math.max(...points.map(({ bytesPerVoter }) => bytesPerVoter)),
    bytesPerVote: curve(byBatch, ({ bytesPerVote }) => bytesPerVote),
    idleCommands: idleLine(points.filter(({ masters }) => masters === 1)),
    points,
    checks,
  };
}

function curve(points: readonly ScalePoint[], of: (point: ScalePoint) => number): CostCurve {
  return Object.values(Object.groupBy(points, ({ batch }) => batch))
    .map((alike = []) => ({ batch: alike[0]?.batch ?? Number.NaN, cost: median(alike.map(of)) }))
    .sort((a, b) => a.batch - b.batch);
}

/**
 * The cost at a batch size, interpolated between the two nearest measured sizes on logarithmic axes; beyond them the
 * cost of the last one. A cost per vote plus a cost per request would fit worse, because the number of requests that
 * share a stream entry also depends on the size.
 */
export function costAt(points: CostCurve, batch: number): number {
  const above = points.findIndex((point) => point.batch >= batch);
  const next = points[above];
  const last = points[above < 0 ? points.length - 1 : above - 1];
  if (next === undefined || last === undefined) return (next ?? last)?.cost ?? Number.NaN;
  const share = Math.log(batch / last.batch) / Math.log(next.batch / last.batch);
  return last.cost * (next.cost / last.cost) ** share;
}

/** The least-squares line of the idle commands over the partitions. */
function idleLine(points: readonly ScalePoint[]): CostModel['idleCommands'] {
  const mean = (of: (point: ScalePoint) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ partitions }) => partitions), mean((point) => point.idleCommandsPerSecond)];
  const covariance = mean((point) => (point.partitions - x) * (point.idleCommandsPerSecond - y));
  const variance = mean(({ partitions }) => (partitions - x) ** 2);
  const perPartition = variance === 0 ? 0 : Math.max(0, covariance / variance);
  return { fixed: Math.max(0, y - perPartition * x), perPartition };
}
