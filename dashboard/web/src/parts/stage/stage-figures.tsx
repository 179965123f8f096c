import type { ContestView } from '../../../../api/contests.ts';
import { countedWord, formatCount, formatRate } from '../../data/format.ts';
import type { LiveResults } from '../../data/live-results.ts';
import { useCountdown } from '../../data/use-countdown.ts';
import { LinkBadge } from '../shell/link-badge.tsx';

export interface StageFiguresProps {
  readonly contest: ContestView;
  readonly total: number;
  /** Votes per second. */
  readonly rate: number;
  readonly live: LiveResults;
}

/** The figures and the countdown of a contest in one line. */
export function StageFigures({ contest, total, rate, live }: StageFiguresProps) {
  const opensIn = useCountdown(contest.status === 'scheduled' ? contest.opensAt : null);
  const closesIn = useCountdown(contest.status === 'open' ? contest.closesAt : null);
  return (
    <footer class="stage-figures">
      {!contest.resultsHidden && (
        <>
          <p>
            <strong>{formatCount(total)}</strong> <span>{countedWord(contest.rule, total)}</span>
          </p>
          {contest.status === 'open' && (
            <p>
              <strong>{formatRate(rate)}</strong> <span>votes per second</span>
            </p>
          )}
        </>
      )}
      {(opensIn ?? closesIn) !== undefined && (
        <p role="timer">
          {opensIn === undefined ? 'Closes in' : 'Opens in'} <strong>{opensIn ?? closesIn}</strong>
        </p>
      )}
      {contest.status === 'closed' && <p class="stage-closed">Voting is closed</p>}
      {contest.status === 'paused' && <p class="stage-closed">Voting is paused</p>}
      <LinkBadge link={live.link} staleSince={live.staleSince} heardAt={live.heardAt} />
    </footer>
  );
}
