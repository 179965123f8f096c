import type { Contest, ContestRule, ContestTimes } from '../contest.ts';

/** The tally's view of a contest: its rule, and times in milliseconds since 1970. */
export interface TallyRule {
  readonly rule: ContestRule;
  /** 0: from the start. */
  readonly opens: number;
  /** 0: no closing time. */
  readonly closes: number;
  /** Votes up to this time were cast before a reset and do not count. 0: all votes count. */
  readonly countsFrom: number;
  readonly pauses: readonly (readonly [from: number, to: number])[];
}

/** Later than any vote. */
const NEVER = Number.MAX_SAFE_INTEGER;
const FORM = /^(one-per-voter|open) (\d+) (\d+)(?: (\d+) ([\d,-]+))?$/;

/**
 * The value in `{pN}:rules` for a contest: `<rule> <opensAtMs> <closesAtMs>`, 0 for no time, then, if the contest was
 * ever reset or paused, `<countsFromMs> <pauses>`. Pauses are `<fromMs>-<toMs>` joined by commas, or `-` if there are
 * none. Times before 1970 become the smallest value with the same meaning, because no vote is that old.
 */
export function contestRuleText(contest: ContestTimes & Pick<Contest, 'rule'>): string {
  const { rule, opensAt, closesAt, countsFrom, pauses = [] } = contest;
  const opens = opensAt === null ? 0 : Math.max(0, Date.parse(opensAt));
  const closes = closesAt === null ? 0 : Math.max(1, Date.parse(closesAt));
  const base = `${rule} ${opens} ${closes}`;
  if (countsFrom === undefined && pauses.length === 0) return base;
  const spans = pauses.map(({ from, to }) => `${Date.parse(from)}-${to === null ? NEVER : Date.parse(to)}`);
  return `${base} ${countsFrom === undefined ? 0 : Date.parse(countsFrom)} ${spans.join() || '-'}`;
}

/** The rule of a deleted contest: none of its votes counts or becomes a dead letter. */
export function deletedRuleText(rule: ContestRule): string {
  return `${rule} 0 0 ${NEVER} -`;
}

/** Parses the output of `contestRuleText`; undefined if it is invalid. */
export function parseTallyRule(text: string): TallyRule | undefined {
  const [, rule, opens, closes, countsFrom = '0', spans = '-'] = FORM.exec(text) ?? [];
  if (rule !== 'open' && rule !== 'one-per-voter') return undefined;
  const pauses = spans === '-' ? [] : spans.split(',').map((span) => span.split('-').map(Number) as [number, number]);
  return { rule, opens: Number(opens), closes: Number(closes), countsFrom: Number(countsFrom), pauses };
}

/** True if a vote at `ms` does not count because of its time. tally.lua makes the same decision. */
export function isOutOfTime({ opens, closes, countsFrom, pauses }: TallyRule, ms: number): boolean {
  if (ms < opens || (closes > 0 && ms > closes) || (countsFrom > 0 && ms <= countsFrom)) return true;
  return pauses.some(([from, to]) => ms > from && ms < to);
}
