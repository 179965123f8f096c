import type { ContestView } from '../../../../api/contests.ts';
import { formatCount } from '../../data/format.ts';
import type { Results } from '../../data/live-results.ts';
import { OptionBars } from './option-bars.tsx';
import { type RankedOption, rankOptions } from './ranking.ts';
import { Versus } from './versus.tsx';

export interface OptionCountsProps {
  readonly contest: ContestView;
  readonly results: Results | undefined;
  /** Maximum number of options shown, most voted first. */
  readonly most?: number;
  /** Show the attributes of the options, such as album and year. */
  readonly details?: boolean;
  /** For a card in a grid. */
  readonly compact?: boolean;
}

/** The counts of a contest: a single figure, two sides, or bars, by the number of options. */
export function OptionCounts({ contest, results, most = 1000, details = false, compact = false }: OptionCountsProps) {
  const ranked = rankOptions(contest, results);
  const total = results?.total ?? 0;
  const [left, right] = contest.options.map(({ id }) => ranked.find((option) => option.id === id));
  if (left === undefined) return null;
  if (ranked.length === 1) return <Single option={left} />;
  if (ranked.length === 2 && right !== undefined) {
    return <Versus options={[left, right]} total={total} compact={compact} />;
  }
  const more = ranked.length - most;
  return (
    <>
      <OptionBars options={ranked.slice(0, most)} total={total} details={details} />
      {more > 0 && <p class="muted small more">and {formatCount(more)} more</p>}
    </>
  );
}

function Single({ option }: { option: RankedOption }) {
  return (
    <p class="single" style={{ '--option': option.colour }}>
      <span class="single-count">{formatCount(option.count)}</span>
      <span class="single-label">
        <span class="swatch" aria-hidden="true" /> <bdi>{option.label}</bdi>
      </span>
    </p>
  );
}
