import { difference } from '../statistics/difference.ts';
import type { Estimate } from '../statistics/median.ts';
import { amount, percent, range } from './format.ts';
import { compareMachines } from './machine-speed.ts';
import type { CodecCost, Report, Row } from './report.ts';

/** What two reports are compared by, and whether less of it is better. */
const MEASURES = [
  { name: 'CPU-s per million', of: (row: Row) => row.cpuSecondsPerMillion, lessIsBetter: true, power: -1 },
  { name: 'votes/s', of: (row: Row) => row.throughputInterval, lessIsBetter: false, power: 1 },
  // How a slower machine changes a latency depends on how busy it was.
  { name: 'p99 ms', of: (row: Row) => row.p99Ms, lessIsBetter: true, power: null },
] as const;

/** Two runs of the same code differ by this much on a shared machine: a smaller difference of medians tells nothing. */
const SMALLEST_EFFECT = 0.05;

export interface Change {
  readonly row: string;
  readonly measure: string;
  readonly before: Estimate;
  readonly after: Estimate;
  /** after / before. */
  readonly ratio: number;
  readonly verdict: 'no difference' | 'better' | 'worse';
}

export interface Comparison {
  readonly changes: readonly Change[];
  /** Rows that only one of the reports has, or that are invalid in either. */
  readonly left: readonly string[];
  /** Why the reports can't well be compared: what else differs than the code. */
  readonly warnings: readonly string[];
}

/**
 * Compares what both reports measured. Throughput counts at saturation alone: at a fixed rate it is the rate. Where the
 * machine was slower in one of them, that is taken out.
 */
export function compareReports(before: Report, after: Report): Comparison {
  const changes: Change[] = [];
  const left: string[] = [];
  const { slowdown, warnings } = compareMachines(before, after);
  for (const row of before.rows) {
    const other = after.rows.find(({ id }) => id === row.id);
    if (other === undefined) left.push(`${row.id}: only in the first`);
    else if (!row.valid || !other.valid) left.push(`${row.id}: invalid in ${row.valid ? 'the second' : 'the first'}`);
    else if (row.rounds.length < 2 || other.rounds.length < 2) left.push(`${row.id}: one round alone has no interval`);
    else changes.push(...compareRows(row, other, slowdown));
  }
  for (const cost of before.codecs) {
    const other = after.codecs.find(({ codec, work }) => codec === cost.codec && work === cost.work);
    if (other === undefined) left.push(`codec ${cost.codec}, ${cost.work}: only in the first`);
    else if (slowdown !== 1) left.push(`codec ${cost.codec}, ${cost.work}: the machine was not as fast`);
    else if (cost.rounds > 1 && other.rounds > 1) changes.push(compareCodecs(cost, other));
  }
  for (const row of after.rows) {
    if (!before.rows.some(({ id }) => id === row.id)) left.push(`${row.id}: only in the second`);
  }
  return { changes, left, warnings: [...differentConditions(before, after), ...warnings] };
}

function differentConditions(before: Report, after: Report): string[] {
  const conditions = ({ environment: env, settings }: Report): Record<string, unknown> => ({
    CPU: env.cpu,
    cores: env.cores,
    Node: env.versions.node,
    Redis: env.versions.redis,
    pinning: env.pinning,
    'Redis settings': env.redis,
    'edge settings': JSON.stringify(env.edgeEnv),
    driver: settings.driver,
    target: settings.target,
    'a quick run': settings.quick,
    rounds: settings.rounds,
    'warm-up ms': settings.warmupMs,
    'measured ms': settings.measureMs,
    'measured ms after the first round': settings.laterMeasureMs ?? settings.measureMs,
  });
  const [a, b] = [conditions(before), conditions(after)];
  return Object.keys(a).flatMap((name) => (a[name] === b[name] ? [] : [`${name}: ${a[name]} and ${b[name]}`]));
}

function compareCodecs(before: CodecCost, after: CodecCost): Change {
  const row = `codec ${before.codec}, ${before.work}`;
  const [a, b] = [before.nanosecondsPerVote, after.nanosecondsPerVote];
  return change({ row, measure: 'ns a vote', before: a, after: b }, true);
}

function change(figures: Pick<Change, 'row' | 'measure' | 'before' | 'after'>, lessIsBetter: boolean): Change {
  const { lower, ratio } = difference(figures.before, figures.after);
  const small = Math.abs(ratio.median - 1) < SMALLEST_EFFECT;
  const verdict =
    lower === 'none' || small ? 'no difference' : lower === (lessIsBetter ? 'b' : 'a') ? 'better' : 'worse';
  return { ...figures, ratio: ratio.median, verdict };
}

function compareRows(before: Row, after: Row, slowdown: number): Change[] {
  return MEASURES.flatMap(({ name, of, lessIsBetter, power }): Change[] => {
    // A closed loop's latency follows from its throughput, and an open loop's throughput from its rate.
    if ((name === 'votes/s') !== (before.load === 'closed') && name !== 'CPU-s per million') return [];
    const [a, b] = [of(before), of(after)];
    if (a === null || b === null || (slowdown !== 1 && power === null)) return [];
    const figures = { row: before.id, measure: name, before: a, after: scale(b, slowdown ** (power ?? 0)) };
    return [change(figures, lessIsBetter)];
  });
}

function scale({ median, low, high }: Estimate, factor: number): Estimate {
  return { median: median * factor, low: low * factor, high: high * factor };
}

/** A line a change; what else differs first, then differences. */
export function comparisonText({ changes, left, warnings }: Comparison): string {
  const line = ({ row, measure, before, after, ratio, verdict }: Change) => {
    const figures = `${amount(before.median)} (${range(before.low, before.high)}) -> ${amount(after.median)} (${range(after.low, after.high)})`;
    const by = verdict === 'no difference' ? '' : ` by ${percent(Math.abs(ratio - 1))}`;
    return `${verdict}${by}: ${row}, ${measure}: ${figures}`;
  };
  const different = changes.filter(({ verdict }) => verdict !== 'no difference');
  const same = changes.filter(({ verdict }) => verdict === 'no difference');
  const summary = `${different.length} of ${changes.length} figures differ.`;
  return [
    ...warnings.map((text) => `not the same: ${text}`),
    ...different.map(line),
    ...same.map(line),
    ...left.map((text) => `not compared: ${text}`),
    summary,
  ].join('\n');
}
