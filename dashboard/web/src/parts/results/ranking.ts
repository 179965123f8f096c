import type { ContestView } from '../../../../api/contests.ts';
import type { Results } from '../../data/live-results.ts';

/** An option with its count and its place. */
export interface RankedOption {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly count: number;
  /** From 1; options with the same count share a place. */
  readonly place: number;
}

/** Options by count, the most voted first; those with the same count in the contest's own order. */
export function rankOptions(contest: ContestView, results: Results | undefined): RankedOption[] {
  const counts = new Map(results?.options.map(({ id, count }) => [id, count]));
  const options = contest.options.map((option) => ({ ...option, count: counts.get(option.id) ?? 0 }));
  options.sort((a, b) => b.count - a.count);
  return options.map((option) => ({
    ...option,
    place: 1 + options.filter(({ count }) => count > option.count).length,
  }));
}

/** What an option's attributes say, as `Sombras en el jardín, 1993`; the rank that it came with is told apart. */
export function describeAttributes({ attributes }: Pick<RankedOption, 'attributes'>): string {
  const { rank: _, ...rest } = attributes;
  return Object.values(rest)
    .filter((value) => value !== '')
    .join(' · ');
}
