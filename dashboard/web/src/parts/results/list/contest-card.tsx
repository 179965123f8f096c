import { useEffect } from 'preact/hooks';
import type { ContestSummary, ContestView } from '../../../../../api/contests.ts';
import { countedWord, formatCompact, formatRate } from '../../../data/format.ts';
import type { Results } from '../../../data/live-results.ts';
import { type RatePoints, useRate } from '../../../data/use-rate.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { StatusChip } from '../../contests/status-chip.tsx';
import { OptionCounts } from '../option-counts.tsx';

/** Options shown on a card. */
const SHOWN = 4;

export interface ContestCardProps {
  readonly contest: ContestSummary;
  /** undefined: not loaded yet. */
  readonly detail: ContestView | undefined;
  readonly results: Results | undefined;
  readonly onRate: (id: string, points: RatePoints) => void;
}

/** One contest in the grid of all contests. */
export function ContestCard({ contest, detail, results, onRate }: ContestCardProps) {
  const points = useRate(contest.id, results);
  useEffect(() => onRate(contest.id, points), [contest.id, points, onRate]);
  const total = results?.total ?? 0;
  return (
    <li class="card contest-card">
      <div class="card-head">
        <h2>
          <a href={`/contests/${contest.id}`}>{contest.title}</a>
        </h2>
        <StatusChip contest={contest} />
      </div>
      {contest.resultsHidden ? (
        <p class="muted card-counts">Results are hidden until the contest closes.</p>
      ) : (
        <>
          <div class="card-counts">
            {detail !== undefined && <OptionCounts contest={detail} results={results} most={SHOWN} compact />}
          </div>
          <div class="card-foot">
            <Figure value={formatCompact(total)} label={countedWord(contest.rule, total)} />
            {contest.rule === 'one-per-voter' && (
              <Figure value={formatCompact(results?.changed ?? 0)} label="changed" />
            )}
            <Figure value={formatRate(points.at(-1)?.[1] ?? 0)} label="votes/s" />
            <Sparkline points={points} />
          </div>
        </>
      )}
    </li>
  );
}

function Figure({ value, label }: { value: string; label: string }) {
  return (
    <p class="figure">
      <span class="figure-value">{value}</span> <span class="figure-label">{label}</span>
    </p>
  );
}
