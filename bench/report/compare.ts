import { type Estimate, median } from '../statistics/median.ts';
import { slowdownBetween, slowdownText } from './machine-speed.ts';
import { amount, percent, range, ratioText } from './output/format.ts';
import type { CodecCost, Effect, Report, Row } from './report.ts';

const MEASURES = [
  { name: 'CPU-s per million', of: (row: Row) => row.cpuSecondsPerMillion, lessIsBetter: true, power: -1 },
  { name: 'votes/s', of: (row: Row) => row.throughputInterval, lessIsBetter: false, power: 1 },
  // How a slower machine changes a latency depends on how busy it was.
  { name: 'p99 ms', of: (row: Row) => row.p99Ms, lessIsBetter: true, power: null },
] as const;

/** Two runs of the same code differ by this much on a shared machine. */
const SMALLEST_DIFFERENCE = 0.05;

export interface Change {
  readonly row: string;
  readonly measure: string;
  readonly before: Estimate;
  readonly after: Estimate;
  /** after / before. */
  readonly ratio: number;
  readonly verdict: 'no difference' | 'better' | 'worse';
}

export interface EffectChange {
  readonly before: Effect;
  readonly after: Effect;
  /** The intervals overlap. */
  readonly agrees: boolean;
  /** The other side is cheaper now. */
  readonly contradicts: boolean;
  /** The same answer: the same side is cheaper, or neither. */
  readonly sameAnswer: boolean;
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly effects: readonly EffectChange[];
  /** The sentences of the verdict that differ. */
  readonly sentences: readonly { readonly before: string; readonly after: string }[];
  /** Rows that only one of the reports has, or that are invalid in either. */
  readonly left: readonly string[];
  /** What else differs between the runs than the code. */
  readonly warnings: readonly string[];
}

/**
 * Compares what both reports measured: the effects, which leave out the speed of the machine, and the rows, corrected by
 * the speed of the machine.
 */
export function compareReports(before: Report, after: Report): Comparison {
  const changes: Change[] = [];
  const left: string[] = [];
  const slowdown = slowdownBetween(before, after);
  const speed =
    slowdown === 1
      ? slowdownText(median(after.yardstickMs) / median(before.yardstickMs), 'the calibration')
      : slowdownText(slowdown, 'the baseline servers; CPU and votes/s of the second run are corrected by it');
  for (const row of before.rows) {
    const other = after.rows.find(({ id }) => id === row.id);
    if (other === undefined) left.push(`${row.id}: only in the first`);
    else if (!row.valid || !other.valid) left.push(`${row.id}: invalid in ${row.valid ? 'the second' : 'the first'}`);
    else changes.push(...compareRows(row, other, slowdown));
  }
  for (const cost of before.codecs) {
    const other = after.codecs.find(({ codec, work }) => codec === cost.codec && work === cost.work);
    if (other && slowdown === 1 && cost.rounds > 1 && other.rounds > 1) changes.push(compareCodecs(cost, other));
  }
  for (const { id } of after.rows) {
    if (!before.rows.some((row) => row.id === id)) left.push(`${id}: only in the second`);
  }
  const effects = before.effects.flatMap((effect) => {
    const other = after.effects.find(({ from, to }) => from === effect.from && to === effect.to);
    return other === undefined ? [] : [compareEffects(effect, other)];
  });
  return {
    changes,
    effects,
    sentences: differentSentences(before, after),
    left,
    warnings: [...differentConditions(before, after), ...speed],
  };
}

function compareEffects(before: Effect, after: Effect): EffectChange {
  const sides = new Set([before.cheaper, after.cheaper]);
  return {
    before,
    after,
    agrees: overlap(before.ratio, after.ratio),
    contradicts: sides.size === 2 && !sides.has('none'),
    sameAnswer: sides.size === 1,
  };
}

function differentSentences(before: Report, after: Report): Comparison['sentences'] {
  const sentences = ({ verdict }: Report) => verdict.filter(({ kind }) => kind === 'headline').map(({ text }) => text);
  const [a, b] = [sentences(before), sentences(after)];
  const pairs = Array.from({ length: Math.max(a.length, b.length) }, (_, at) => ({
    before: a[at] ?? 'no sentence',
    after: b[at] ?? 'no sentence',
  }));
  return pairs.filter((pair) => pair.before !== pair.after);
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
    'a quick run': settings.quick,
    passes: settings.rounds,
    windows: settings.windows,
    'window ms': settings.measureMs,
  });
  const [a, b] = [conditions(before), conditions(after)];
  return Object.keys(a).flatMap((name) => (a[name] === b[name] ? [] : [`${name}: ${a[name]} and ${b[name]}`]));
}

function compareRows(before: Row, after: Row, slowdown: number): Change[] {
  return MEASURES.flatMap(({ name, of, lessIsBetter, power }): Change[] => {
    // The latency of a closed loop follows from its throughput, and the throughput of an open loop from its rate.
    if ((name === 'votes/s') !== (before.load === 'closed') && name !== 'CPU-s per million') return [];
    const [a, b] = [of(before), of(after)];
    if (a === null || b === null || (slowdown !== 1 && power === null)) return [];
    const figures = { row: before.id, measure: name, before: a, after: scale(b, slowdown ** (power ?? 0)) };
    return [judge(figures, lessIsBetter)];
  });
}

function compareCodecs(before: CodecCost, after: CodecCost): Change {
  const row = `codec ${before.codec}, ${before.work}`;
  const [a, b] = [before.nanosecondsPerVote, after.nanosecondsPerVote];
  return judge({ row, measure: 'ns per vote', before: a, after: b }, true);
}

function judge(figures: Pick<Change, 'row' | 'measure' | 'before' | 'after'>, lessIsBetter: boolean): Change {
  const ratio = figures.after.median / figures.before.median;
  const same = overlap(figures.before, figures.after) || Math.abs(ratio - 1) < SMALLEST_DIFFERENCE;
  return { ...figures, ratio, verdict: same ? 'no difference' : ratio < 1 === lessIsBetter ? 'better' : 'worse' };
}

function overlap(a: Estimate, b: Estimate): boolean {
  return a.low <= b.high && b.low <= a.high;
}

function scale({ median, low, high }: Estimate, factor: number): Estimate {
  return { median: median * factor, low: low * factor, high: high * factor };
}

/** One line per difference: what else differs first, then effects, then rows. */
export function comparisonText({ changes, effects, sentences, left, warnings }: Comparison): string {
  const line = ({ row, measure, before, after, ratio, verdict }: Change) => {
    const figures = `${amount(before.median)} (${range(before.low, before.high)}) -> ${amount(after.median)} (${range(after.low, after.high)})`;
    return `${verdict} by ${percent(Math.abs(ratio - 1))}: ${row}, ${measure}: ${figures}`;
  };
  const effectLine = ({ before, after, contradicts, agrees }: EffectChange) =>
    `${contradicts ? 'contradiction' : agrees ? 'decided in one run only' : 'intervals apart'}: ${before.block}, ${before.factor}, ${before.fromLabel} to ${before.toLabel}: ${ratioText(before.ratio)} -> ${ratioText(after.ratio)}`;
  const different = changes.filter(({ verdict }) => verdict !== 'no difference');
  const apart = effects.filter(({ agrees }) => !agrees);
  const count = (pick: (change: EffectChange) => boolean) => effects.filter(pick).length;
  return [
    ...warnings.map((text) => `not the same: ${text}`),
    ...sentences.map((pair) => `another sentence: ${pair.before}\n             now: ${pair.after}`),
    ...effects.filter(({ agrees, sameAnswer }) => !agrees || !sameAnswer).map(effectLine),
    ...different.map(line),
    ...left.map((text) => `not compared: ${text}`),
    `${effects.length - apart.length} of ${effects.length} effects agree within their intervals; ${count(({ sameAnswer }) => sameAnswer)} give the same answer, ${count(({ contradicts }) => contradicts)} contradict; ${different.length} of ${changes.length} figures differ.`,
    sentences.length === 0 ? 'The sentences of the verdict are the same.' : `${sentences.length} sentences differ.`,
  ].join('\n');
}
