import { type Estimate, median } from '../statistics/median.ts';
import { commonVariance, FEWEST_RATIOS, geometricMean, ratioEstimate } from '../statistics/ratio.ts';
import { levelsOf } from './labels.ts';
import type { Effect, Factor, Row } from './report.ts';

/** A smaller change has no consequence for any choice. */
const SMALLEST_EFFECT = 0.05;

/** Compares every two rows of a block that differ in one factor, by neighboring windows. */
export function effectsOf(rows: readonly Row[]): Effect[] {
  const usable = rows.filter(({ valid, cpuSecondsPerMillion }) => valid && cpuSecondsPerMillion !== null);
  const changes = Object.values(Object.groupBy(usable, ({ scenario }) => scenario)).flatMap((block = []) =>
    block.flatMap((from, at) =>
      block.slice(at + 1).flatMap((to) => {
        const factor = factorOf(from, to);
        // Of servers, shapes and runtimes all are compared with the first row of the block.
        if (factor === undefined || (at > 0 && FROM_FIRST.has(factor))) return [];
        return [{ factor, from, to, ratios: ratiosOf(from, to) }];
      }),
    ),
  );
  const all = changes.map(({ ratios }) => ratios);
  return changes.flatMap(({ factor, from, to, ratios }): Effect[] => {
    const ratio = ratioEstimate(ratios, commonVariance(all, ratios));
    if (ratio === null) return [];
    const [fromLabel, toLabel] = levelsOf(factor, from, to);
    const ids = { block: from.scenario, from: from.id, to: to.id };
    return [{ factor, ...ids, fromLabel, toLabel, ratio, ratios, cheaper: cheaperOf(ratio) }];
  });
}

/** The same change in several blocks, in either direction, as one effect: the geometric means over the blocks. */
export function mainEffects(effects: readonly Effect[], factor: Factor): Effect[] {
  const alike = effects.filter((effect) => effect.factor === factor);
  const all = effects.map(({ ratios }) => ratios);
  return Object.values(Object.groupBy(alike, ({ fromLabel, toLabel }) => [fromLabel, toLabel].sort().join())).flatMap(
    (group = []): Effect[] => {
      const [first] = group;
      const passes = Math.min(...group.map(({ ratios }) => ratios.length));
      if (first === undefined || passes < FEWEST_RATIOS) return [];
      const pooled = Array.from({ length: passes }, (_, pass) =>
        geometricMean(
          group.map(({ fromLabel, ratios }) => {
            const ratio = ratios[pass] ?? Number.NaN;
            return fromLabel === first.fromLabel ? ratio : 1 / ratio;
          }),
        ),
      );
      // The mean of several blocks varies less than each of them.
      const common = commonVariance(all, pooled);
      const ratio = ratioEstimate(pooled, common === undefined ? undefined : common / group.length);
      return ratio === null ? [] : [{ ...first, ratio, ratios: pooled, cheaper: cheaperOf(ratio) }];
    },
  );
}

const FROM_FIRST = new Set<Factor>(['server', 'shape', 'runtime', 'language']);

function factorOf(a: Row, b: Row): Factor | undefined {
  if (a.payload !== b.payload || a.contest !== b.contest || a.load !== b.load) return undefined;
  // At a share of its own capacity each has its own rate.
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

function isOwnHttp({ transport, encoding, codec }: Row): boolean {
  return transport === 'http1' && encoding === 'json' && codec === 'wasm';
}

function isOwnGrpc({ transport, codec }: Row): boolean {
  return transport === 'grpc' && codec === 'wasm';
}

/**
 * One ratio per pass, the median of its windows: windows of the same processes are not independent, and work of others
 * on the machine disturbs single ones. With too few passes, one per window.
 */
function ratiosOf(from: Row, to: Row): number[] {
  const windows = pairs(from, to);
  const passes = Object.values(Object.groupBy(windows, ({ pass }) => pass)).map((group = []) =>
    median(group.map(({ ratio }) => ratio)),
  );
  return passes.length >= FEWEST_RATIOS ? passes : windows.map(({ ratio }) => ratio);
}

function pairs(from: Row, to: Row): { pass: number; ratio: number }[] {
  return from.rounds.flatMap(({ pass, window, cpuSecondsPerMillion: cpu }) => {
    const other = to.rounds.find((round) => round.pass === pass && round.window === window)?.cpuSecondsPerMillion;
    return cpu && other ? [{ pass, ratio: other / cpu }] : [];
  });
}

function cheaperOf({ median, low, high }: Estimate): Effect['cheaper'] {
  if (Math.abs(median - 1) < SMALLEST_EFFECT) return 'none';
  return high < 1 ? 'to' : low > 1 ? 'from' : 'none';
}
