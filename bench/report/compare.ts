import { ratioText } from './output/format.ts';
import type { Effect, Report } from './report.ts';

export interface EffectChange {
  readonly before: Effect;
  readonly after: Effect;
  /** The intervals overlap. */
  readonly agrees: boolean;
  /** The other side is now cheaper. */
  readonly contradicts: boolean;
  /** The same answer: the same side is cheaper, or neither. */
  readonly sameAnswer: boolean;
}

export interface Comparison {
  readonly effects: readonly EffectChange[];
  /** The sentences of the verdict that differ. */
  readonly sentences: readonly { readonly before: string; readonly after: string }[];
  /** Effects that only one of the reports has: the other has no such rows, or they are invalid. */
  readonly left: readonly string[];
  /** Differences between the runs other than the code. */
  readonly warnings: readonly string[];
}

/**
 * Compares the effects of both reports and the sentences of their verdicts. Absolute figures are not compared, because
 * they depend on the speed of the machine. Slower code shows in the effects against servers without it.
 */
export function compareReports(before: Report, after: Report): Comparison {
  const inBoth = before.effects.flatMap((effect) => {
    const other = after.effects.find((candidate) => isSame(candidate, effect));
    return other === undefined ? [] : [compareEffects(effect, other)];
  });
  const alone = (from: Report, other: Report, which: string) =>
    from.effects
      .filter((effect) => !other.effects.some((candidate) => isSame(candidate, effect)))
      .map(({ from: a, to: b }) => `${a} to ${b}: only in the ${which}`);
  return {
    effects: inBoth,
    sentences: differentSentences(before, after),
    left: [...alone(before, after, 'first'), ...alone(after, before, 'second')],
    warnings: differentConditions(before, after),
  };
}

function isSame(a: Effect, b: Effect): boolean {
  return a.from === b.from && a.to === b.to;
}

function compareEffects(before: Effect, after: Effect): EffectChange {
  const sides = new Set([before.cheaper, after.cheaper]);
  return {
    before,
    after,
    agrees: before.ratio.low <= after.ratio.high && after.ratio.low <= before.ratio.high,
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

/** One line per difference, then the totals. */
export function comparisonText({ effects, sentences, left, warnings }: Comparison): string {
  const line = ({ before, after, contradicts, agrees }: EffectChange) => {
    const what = contradicts ? 'contradiction' : agrees ? 'decided in one run only' : 'intervals apart';
    const change = `${before.block}, ${before.factor}, ${before.fromLabel} to ${before.toLabel}`;
    return `${what}: ${change}: ${ratioText(before.ratio)} -> ${ratioText(after.ratio)}`;
  };
  const count = (pick: (change: EffectChange) => boolean) => effects.filter(pick).length;
  return [
    ...warnings.map((text) => `not the same: ${text}`),
    ...sentences.map((pair) => `another sentence: ${pair.before}\n             now: ${pair.after}`),
    ...effects.filter(({ agrees, sameAnswer }) => !agrees || !sameAnswer).map(line),
    ...left.map((text) => `not compared: ${text}`),
    `${count(({ agrees }) => agrees)} of ${effects.length} effects agree within their intervals; ${count(({ sameAnswer }) => sameAnswer)} give the same answer, ${count(({ contradicts }) => contradicts)} contradict.`,
    sentences.length === 0 ? 'The sentences of the verdict are the same.' : `${sentences.length} sentences differ.`,
  ].join('\n');
}
