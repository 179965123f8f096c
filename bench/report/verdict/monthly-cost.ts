import { amount, money } from '../format.ts';
import type { BenchSettings, Row, VerdictLine } from '../report.ts';
import { describeWork, type PathPair, sameWork } from './path-pairs.ts';

/** Seconds of a mean month. */
export const SECONDS_PER_MONTH = 2_629_800;
/** Differences below this many US dollars a month do not matter to a choice. */
const NEGLIGIBLE_PER_MONTH = 1;
/** Beyond so many votes a second nobody asks. */
const HIGHEST_RATE = 1e8;

/** How much of a core an edge used at a rate, as measured. */
export interface CostPoint {
  readonly votesPerSecond: number;
  readonly cores: number;
}

/**
 * What is known of a path's cost at one kind of work: its fixed rates, and the rate at which it was saturated. At a low
 * rate each vote wakes the server by itself and costs several times of what it costs under load.
 */
export function costPoints(saturated: Row, rows: readonly Row[]): CostPoint[] {
  const votes = votesPerRequest(saturated.mode);
  const paced = rows.filter(
    (row) =>
      typeof row.load === 'number' &&
      row.valid &&
      row.rung === 'edge' &&
      row.transport === saturated.transport &&
      row.codec === saturated.codec &&
      sameWork(row, saturated),
  );
  const points = paced.flatMap(({ load, cpuSecondsPerMillion }) =>
    cpuSecondsPerMillion ? [pointAt(Number(load) * votes, cpuSecondsPerMillion.median)] : [],
  );
  points.push(pointAt(saturated.throughput, saturated.cpuSecondsPerMillion?.median ?? Number.NaN));
  return points.sort((a, b) => a.votesPerSecond - b.votesPerSecond);
}

function pointAt(votesPerSecond: number, cpuSecondsPerMillion: number): CostPoint {
  return { votesPerSecond, cores: (votesPerSecond * cpuSecondsPerMillion) / 1e6 };
}

/** Whether a fixed rate was measured, and not saturation alone. */
export function isKnownAtRates(points: readonly CostPoint[]): boolean {
  return points.length > 1;
}

/** How votes arrive at a fixed rate: `10,000 votes/s in batches of 100`. */
export function arrivals({ load, mode }: Pick<Row, 'load' | 'mode'>): string {
  const rate = `${(Number(load) * votesPerRequest(mode)).toLocaleString('en')} votes/s`;
  return mode === 'single' ? rate : `${rate} in ${mode.replace('-', 'es of ')}`;
}

function votesPerRequest(mode: string): number {
  return Number(mode.split('-')[1] ?? 1);
}

/** Cores at a rate: between two points on the line between them, below the lowest and above the highest in proportion. */
export function coresAt(points: readonly CostPoint[], rate: number): number {
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

/** Dollars a month for a path's CPU at a rate of votes. */
export function monthlyCost(points: readonly CostPoint[], rate: number, cpuPrice: number): number {
  return coresAt(points, rate) * SECONDS_PER_MONTH * cpuPrice;
}

/** What a month costs over either path, and below which rate the choice does not matter. */
export function costLines(pairs: readonly PathPair[], rows: readonly Row[], settings: BenchSettings): VerdictLine[] {
  const { cpuPrice, votesPerSecond } = settings;
  return pairs
    .filter(({ http }) => http.scenario === 'transport' || http.mode === 'batch-100')
    .filter(({ http }) => http.runtime === 'node' && http.payload === 'small' && http.contest === 'bandas')
    .flatMap((pair): VerdictLine[] => {
      const [ofHttp, ofGrpc] = [costPoints(pair.http, rows), costPoints(pair.grpc, rows)];
      // From saturation alone a low rate would look several times too cheap.
      if (!isKnownAtRates(ofHttp) || !isKnownAtRates(ofGrpc)) return [];
      const ids = [pair.http.id, pair.grpc.id];
      const work = describeWork(pair);
      const dollars = [ofHttp, ofGrpc].map((points) => money(monthlyCost(points, votesPerSecond, cpuPrice)));
      const text = `${work}: ${votesPerSecond.toLocaleString('en')} votes/s around the clock cost ${dollars[0]} a month over HTTP + WASM and ${dollars[1]} over gRPC, at ${cpuPrice} $ a vCPU-second.`;
      const matters = rateOfDifference(ofHttp, ofGrpc, cpuPrice);
      const indifferent =
        pair.cpu.lower === 'none'
          ? `${work}: the data show no difference at saturation; up to ${amount(matters)} votes/s it is below ${money(NEGLIGIBLE_PER_MONTH)} a month in any case.`
          : `${work}: below ${amount(matters)} votes/s the choice moves the bill by less than ${money(NEGLIGIBLE_PER_MONTH)} a month: choose by convenience.`;
      return [
        { kind: 'cost', text, rows: ids },
        { kind: 'indifferent', text: indifferent, rows: ids },
      ];
    });
}

/** The lowest rate at which the two costs differ by an amount that matters. */
function rateOfDifference(a: readonly CostPoint[], b: readonly CostPoint[], cpuPrice: number): number {
  for (let rate = 1; rate < HIGHEST_RATE; rate *= 1.02) {
    const gap = Math.abs(monthlyCost(a, rate, cpuPrice) - monthlyCost(b, rate, cpuPrice));
    if (gap >= NEGLIGIBLE_PER_MONTH) return rate;
  }
  return HIGHEST_RATE;
}
