import { votesPerRequest } from './labels.ts';
import type { Row } from './report.ts';

/** Seconds of a mean month. */
export const SECONDS_PER_MONTH = 2_629_800;

/** The share of a core that an edge used at a rate, as measured. */
export interface CostPoint {
  readonly votesPerSecond: number;
  readonly cores: number;
}

/**
 * The measured points of one kind of work: fixed rates and saturation. At a low rate each vote wakes the server on its
 * own and costs several times as much CPU as under load.
 */
export function costPoints(saturated: Row, rows: readonly Row[]): CostPoint[] {
  const alike = rows.filter(
    (row) =>
      row.valid &&
      row.rung === 'edge' &&
      typeof row.load === 'number' &&
      (['transport', 'codec', 'encoding', 'runtime', 'mode', 'contest', 'connections', 'streams'] as const).every(
        (field) => row[field] === saturated[field],
      ),
  );
  const points = alike.map((row) => pointAt(Number(row.load) * votesPerRequest(row.mode), row));
  return [...points, pointAt(saturated.throughput, saturated)].sort((a, b) => a.votesPerSecond - b.votesPerSecond);
}

function pointAt(votesPerSecond: number, { cpuSecondsPerMillion }: Row): CostPoint {
  return { votesPerSecond, cores: (votesPerSecond * (cpuSecondsPerMillion?.median ?? Number.NaN)) / 1e6 };
}

/** Cores at a rate: on the line between two points; below the lowest and above the highest, in proportion. */
function coresAt(points: readonly CostPoint[], rate: number): number {
  const above = points.findIndex(({ votesPerSecond }) => votesPerSecond >= rate);
  const next = points[above];
  const last = points[above < 0 ? points.length - 1 : above - 1];
  if (next === undefined || last === undefined) {
    const { cores, votesPerSecond } = last ?? next ?? { cores: Number.NaN, votesPerSecond: 1 };
    return (cores * rate) / votesPerSecond;
  }
  const share = (rate - last.votesPerSecond) / (next.votesPerSecond - last.votesPerSecond);
  return last.cores + share * (next.cores - last.cores);
}

export function monthlyCost(points: readonly CostPoint[], rate: number, cpuPrice: number): number {
  return coresAt(points, rate) * SECONDS_PER_MONTH * cpuPrice;
}
