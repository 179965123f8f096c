import { makeCell } from '../cells/cell.ts';
import { cpuPerMillion } from '../runner/measurement.ts';
import type { Estimate } from '../statistics/median.ts';
import { startEdgeSystem } from '../targets/edge-system.ts';
import { choosePlacement } from '../targets/process/placement.ts';
import { compareCells } from './compare-cells.ts';

/** A built checkout. */
export interface Version {
  readonly name: string;
  readonly root: string;
}

interface VersionOptions {
  readonly before: Version;
  readonly after: Version;
  /** Number of passes, each on new processes, because costs differ by chance from process to process. */
  readonly passes: number;
  /** Pairs of windows per pass and load. */
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

/** Many votes in flight, so that request handling is the largest part of a vote's cost. */
const LOADS = [
  { name: 'HTTP/1.1, 128 x 1', transport: 'http1', connections: 128 },
  { name: 'gRPC, 4 x 32', transport: 'grpc', connections: 4, streams: 32 },
] as const;

/**
 * Measures single votes at the edges of two versions.
 *
 * @param onPass called after each pass
 */
export async function measureVersions(options: VersionOptions, onPass: (pass: number) => void): Promise<VersionReport> {
  const { passes, rounds, windowMs, before, after } = options;
  const pairs = LOADS.map((load) => ({ before: makeCell('before', load), after: makeCell('after', load) }));
  const compared = await compareCells(pairs, {
    passes,
    windows: rounds,
    warmupMs: 2000,
    measureMs: windowMs,
    placement: choosePlacement(),
    startSystem: (cell, placement) =>
      startEdgeSystem({ ...cell, placement, root: cell.block === 'before' ? before.root : after.root }),
    onPass,
  });
  const costs = compared.pairs.map((pair, at) => ({
    load: LOADS[at]?.name ?? '',
    before: compared.medianOf(pair.before, (one) => cpuPerMillion(one, 'server')),
    after: compared.medianOf(pair.after, (one) => cpuPerMillion(one, 'server')),
    ratio: pair.ratio,
  }));
  return { costs, invalid: compared.invalid };
}
