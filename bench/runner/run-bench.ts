import { measureCalibration } from '../targets/calibration-system.ts';
import type { OwnGenerator } from '../targets/own-generator.ts';
import type { Placement } from '../targets/placement.ts';
import type { System } from '../targets/system.ts';
import { measure } from './measure.ts';
import { blamesGenerator, type Measurement, throughput } from './measurement.ts';
import { SystemPool } from './system-pool.ts';
import { type Budget, fittingWindow, isOverBudget } from './time-limit.ts';
import type { Variant } from './variant.ts';

export interface BenchPlan {
  readonly variants: readonly Variant[];
  readonly rounds: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly placement: Placement;
  /** Starts what the variant measures, on fresh processes. */
  readonly startSystem: (variant: Variant, placement: Placement) => Promise<System>;
  /** Disposed at the end. */
  readonly generator: OwnGenerator;
  /**
   * Fresh processes in each round (true), or for each variant once, at the start: then all rounds of a variant run on the
   * same processes, and a minute is enough.
   */
  readonly freshEachRound: boolean;
  /** For a run that must not take longer, and may have fewer rounds. */
  readonly budget?: Budget;
  /** When a run should end that may not have fewer rounds: see `fittingWindow`. */
  readonly fitMs?: number;
  /** Ends the run; what was measured stays. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

export interface Progress {
  readonly done: number;
  readonly of: number;
  readonly round: number;
  readonly variant: Variant;
  /** What came of it. */
  readonly outcome: Measurement | BenchFailure;
}

/** A variant that could not be measured at all in a round. */
export interface BenchFailure {
  readonly variant: string;
  readonly round: number;
  readonly error: string;
}

export interface BenchOutcome {
  readonly measurements: readonly Measurement[];
  readonly failures: readonly BenchFailure[];
  /** Measurements that were repeated because the generator itself fell behind. */
  readonly repeated: readonly Measurement[];
  readonly interrupted: boolean;
  /** The time ran out before the last round. */
  readonly cutShort: boolean;
  /** What a fixed piece of work took at the start of each round: see `measureCalibration`. CPU-milliseconds. */
  readonly yardstickMs: readonly number[];
  /** The measured window of the rounds after the first. */
  readonly laterMeasureMs: number;
}

/**
 * Measures every variant once a round, in an order that turns round from round to round (A B C, C B A, ...), so that
 * drift of the machine does not fall on one side.
 */
export async function runBench(plan: BenchPlan): Promise<BenchOutcome> {
  const startedAt = performance.now();
  let cutShort = false;
  await using _generator = plan.generator;
  await using kept = plan.freshEachRound ? undefined : new SystemPool();
  const measurements: Measurement[] = [];
  const failures: BenchFailure[] = [];
  const repeated: Measurement[] = [];
  const yardstickMs: number[] = [];
  let laterMeasureMs = plan.measureMs;
  const cells = Array.from({ length: plan.rounds }, (_, round) => {
    const order = round % 2 === 0 ? plan.variants : plan.variants.toReversed();
    return inDependencyOrder(order).map((variant) => ({ variant, round }));
  }).flat();
  for (const [index, { variant, round }] of cells.entries()) {
    if (plan.signal.aborted) break;
    const elapsedMs = performance.now() - startedAt;
    cutShort = isOverBudget(plan.budget, elapsedMs, index >= plan.variants.length);
    if (cutShort) break;
    if (index === plan.variants.length) laterMeasureMs = fittingWindow(plan, elapsedMs, plan.variants.length);
    if (index % plan.variants.length === 0) yardstickMs.push(measureCalibration());
    const measureMs = round === 0 ? plan.measureMs : laterMeasureMs;
    const outcome = await measureCell(plan, { variant, round, measurements, kept, measureMs });
    if (plan.signal.aborted) break;
    const last = outcome.at(-1);
    if (last === undefined) continue;
    for (const earlier of outcome.slice(0, -1)) if (!('error' in earlier)) repeated.push(earlier);
    if ('error' in last) failures.push(last);
    else measurements.push(last);
    plan.onProgress({ done: index + 1, of: cells.length, round, variant, outcome: last });
  }
  const interrupted = plan.signal.aborted;
  return { measurements, failures, repeated, interrupted, cutShort, yardstickMs, laterMeasureMs };
}

/** A load that needs the throughput of another variant of its round comes after it, whichever way the round goes. */
function inDependencyOrder(variants: readonly Variant[]): Variant[] {
  const dependent = ({ load }: Variant) => 'of' in load;
  return [...variants.filter((variant) => !dependent(variant)), ...variants.filter(dependent)];
}

interface Cell {
  readonly variant: Variant;
  readonly round: number;
  readonly measurements: readonly Measurement[];
  readonly kept: SystemPool | undefined;
  readonly measureMs: number;
}

const ATTEMPTS = 3;

/** One measurement, or more where the generator fell behind. */
async function measureCell(plan: BenchPlan, cell: Cell): Promise<(Measurement | BenchFailure)[]> {
  const outcomes: (Measurement | BenchFailure)[] = [];
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const outcome = await measureOnce(plan, cell);
    outcomes.push(outcome);
    if ('error' in outcome || !blamesGenerator(outcome)) break;
  }
  return outcomes;
}

async function measureOnce(plan: BenchPlan, cell: Cell): Promise<Measurement | BenchFailure> {
  const { variant, round } = cell;
  try {
    const start = () => plan.startSystem(variant, plan.placement);
    plan.generator.prepare(plan.placement.driver);
    if (cell.kept !== undefined) return await measureOn(await cell.kept.get(variant.id, start), plan, cell);
    await using fresh = await start();
    return await measureOn(fresh, plan, cell);
  } catch (error) {
    return { variant: variant.id, round, error: error instanceof Error ? error.message : String(error) };
  }
}

function measureOn(system: System, plan: BenchPlan, cell: Cell): Promise<Measurement> {
  const { variant, round, measurements, measureMs } = cell;
  const { placement, generator, freshEachRound } = plan;
  const { load } = variant;
  const base = 'of' in load ? measurements.find((m) => m.round === round && m.variant === load.of) : undefined;
  const known = base ? { requestsPerSecond: throughput(base) } : {};
  // What has run before is warm.
  const warmupMs = freshEachRound || round === 0 ? plan.warmupMs : plan.warmupMs / 2;
  return measure(variant, system, { round, placement, warmupMs, measureMs, generator, ...known });
}
