import type { Estimate } from '../statistics/median.ts';
import { commonProcessVariance, joinMeans, logMean, toRatio } from '../statistics/ratio.ts';
import { levelsOf } from './labels.ts';
import type { CostRow, Effect, Factor } from './report.ts';

/** Costs closer than this share of the more expensive one count as about the same; less varies between machines. */
export const SAME_COST = 0.2;

/** Compares every pair of rows of a block that differ in one factor, by adjacent windows. */
export function effectsOf(rows: readonly CostRow[]): Effect[] {
  const usable = rows.filter(({ valid, cpuSecondsPerMillion }) => valid && cpuSecondsPerMillion !== null);
  const changes = Object.values(Object.groupBy(usable, ({ scenario }) => scenario)).flatMap((block = []) =>
    block.flatMap((from, at) =>
      block.slice(at + 1).flatMap((to) => {
        const factor = factorOf(from, to);
        // All servers, shapes and runtimes are compared with the first row of the block.
        if (factor === undefined || (at > 0 && FROM_FIRST.has(factor))) return [];
        return [{ factor, from, to, ratios: ratiosOf(from, to) }];
      }),
    ),
  );
  const processVariance = commonProcessVariance(changes.map(({ ratios }) => ratios));
  return changes.flatMap(({ factor, from, to, ratios }): Effect[] => {
    const mean = logMean(ratios, processVariance);
    if (mean === undefined) return [];
    const ratio = toRatio(mean);
    const [fromLabel, toLabel] = levelsOf(factor, from, to);
    const ids = { block: from.scenario, from: from.id, to: to.id };
    return [{ factor, ...ids, fromLabel, toLabel, ratio, ratios, cheaper: cheaperOf(ratio) }];
  });
}

/**
 * Joins the same change in several blocks, in either direction, into one effect: the geometric mean over the blocks.
 */
export function mainEffects(effects: readonly Effect[], factor: Factor): Effect[] {
  const alike = effects.filter((effect) => effect.factor === factor);
  const processVariance = commonProcessVariance(effects.map(({ ratios }) => ratios));
  return Object.values(Object.groupBy(alike, ({ fromLabel, toLabel }) => [fromLabel, toLabel].sort().join())).flatMap(
    (group = []): Effect[] => {
      const [first] = group;
      if (first === undefined) return [];
      const means = group.flatMap(({ fromLabel, ratios }) => {
        const mean = logMean(ratios, processVariance);
        if (mean === undefined) return [];
        return fromLabel === first.fromLabel ? mean : { ...mean, mean: -mean.mean };
      });
      if (means.length === 0) return [];
      const ratio = toRatio(joinMeans(means));
      return [{ ...first, ratio, cheaper: cheaperOf(ratio) }];
    },
  );
}

/** Half the width of an interval as a share of the more expensive level: 0.01 for `94 % (93 to 95) less`. */
export function halfWidth({ median, low, high }: Estimate): number {
  return Math.min(1, median, 1 / median) * (Math.sqrt(high / low) - 1);
}

const FROM_FIRST = new Set<Factor>(['server', 'shape', 'runtime', 'language']);

function factorOf(a: CostRow, b: CostRow): Factor | undefined {
  if (a.contest !== b.contest || a.load !== b.load) return undefined;
  // Rows at a share of their own capacity have different rates.
  if (typeof a.load === 'string' && a.load !== 'closed') return undefined;
  const differ = {
    server: a.rung !== b.rung,
    runtime: a.runtime !== b.runtime,
    transport: a.transport !== b.transport,
    encoding: a.encoding !== b.encoding,
    codec: a.codec !== b.codec,
    shape: a.mode !== b.mode || a.connections !== b.connections || a.streams !== b.streams,
  };
  const factors = (Object.keys(differ) as (keyof typeof differ)[]).filter((factor) => differ[factor]);
  const [only, ...others] = factors;
  if (only !== undefined && others.length === 0) return only;
  if (a.rung === 'edge' && b.rung === 'peer' && a.transport === b.transport && !differ.shape) return 'language';
  const sameWork = a.rung === 'edge' && b.rung === 'edge' && a.runtime === b.runtime && a.mode === b.mode;
  const sameLoad = a.connections * a.streams === b.connections * b.streams;
  return sameWork && sameLoad && isOwnHttp(a) && isOwnGrpc(b) ? 'path' : undefined;
}

function isOwnHttp({ transport, encoding, codec }: CostRow): boolean {
  return transport === 'http1' && encoding === 'json' && codec === 'wasm';
}

function isOwnGrpc({ transport, codec }: CostRow): boolean {
  return transport === 'grpc' && codec === 'wasm';
}

/** The ratio of each window in which both were measured, by pass. */
function ratiosOf(from: CostRow, to: CostRow): number[][] {
  const windows = from.rounds.flatMap(({ pass, window, cpuSecondsPerMillion: cpu }) => {
    const other = to.rounds.find((round) => round.pass === pass && round.window === window)?.cpuSecondsPerMillion;
    return cpu && other ? [{ pass, ratio: other / cpu }] : [];
  });
  return Object.values(Object.groupBy(windows, ({ pass }) => pass)).map((group = []) =>
    group.map(({ ratio }) => ratio),
  );
}

function cheaperOf({ median, low, high }: Estimate): Effect['cheaper'] {
  if (1 - Math.min(median, 1 / median) < SAME_COST) return 'none';
  return high < 1 ? 'to' : low > 1 ? 'from' : 'none';
}
