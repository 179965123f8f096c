import type { ContestView } from '../../../../api/contests.ts';
import type { Results } from '../../data/live-results.ts';

/** An option with its count and place. */
export interface RankedOption {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly count: number;
  /** From 1; options with the same count share a place. */
  readonly place: number;
}

/** Options by count, the most voted first; equal counts in the order of the contest. */
export function rankOptions(contest: ContestView, results: Results | undefined): RankedOption[] {
  const counts = new Map(results?.options.map(({ id, count }) => [id, count]));
  const options = contest.options.map((option) => ({ ...option, count: counts.get(option.id) ?? 0 }));
  options.sort((a, b) => b.count - a.count);
  return options.map((option) => ({
    ...option,
    place: 1 + options.filter(({ count }) => count > option.count).length,
  }));
}

/** The attributes of an option on one line, such as `Tona · 1996`; the listed rank has its own column. */
export function describeAttributes({ attributes }: Pick<RankedOption, 'attributes'>): string {
  const { rank: _, ...rest } = attributes;
  return Object.values(rest)
    .filter((value) => value !== '')
    .join(' · ');
}
