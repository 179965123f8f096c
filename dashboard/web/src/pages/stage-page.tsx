import { useRef } from 'preact/hooks';
import type { ContestView } from '../../../api/contests.ts';
import { isStale, type LiveResults, type Results, useLiveResults } from '../data/live-results.ts';
import { useRate } from '../data/use-rate.ts';
import { OptionCounts } from '../parts/results/option-counts.tsx';
import { type RankedOption, rankOptions } from '../parts/results/ranking.ts';
import { SpokenResults } from '../parts/results/spoken-results.tsx';
import { Icon } from '../parts/shell/icon.tsx';
import { Notice, Unreachable } from '../parts/shell/notice.tsx';
import { StageFigures } from '../parts/stage/stage-figures.tsx';
import { StageVote } from '../parts/stage/stage-vote.tsx';
import { useFittingRows } from '../parts/stage/use-fitting-rows.ts';
import { useStageKeys } from '../parts/stage/use-stage-keys.ts';
import { useWakeLock } from '../parts/stage/use-wake-lock.ts';

/** One contest on a large screen for an audience. */
export function StagePage({ id }: { id: string }) {
  const live = useLiveResults([id]);
  const screen = useRef<HTMLElement>(null);
  const contest = live.details.get(id);
  const results = live.results.get(id);
  const points = useRate(id, results);
  useWakeLock();
  useStageKeys(id, live, () => void screen.current?.requestFullscreen().catch(() => undefined));
  return (
    <main class={isStale(live) ? 'stage is-stale' : 'stage'} id="main" ref={screen} tabIndex={-1}>
      <div class="stage-tools">
        <button type="button" onClick={() => void screen.current?.requestFullscreen().catch(() => undefined)}>
          <Icon name="stage" /> Full screen
        </button>
        <a class="button" href={`/contests/${id}`}>
          <Icon name="close" /> Leave stage
        </a>
      </div>
      {contest === undefined ? (
        <NoContest id={id} live={live} />
      ) : (
        <>
          <header class="stage-head">
            <h1 style={{ '--title': contest.title.length > 34 ? 3.2 : 5 }}>{contest.title}</h1>
            {contest.status === 'closed' && !contest.resultsHidden && (
              <p class="stage-winner">{winnerOf(rankOptions(contest, results))}</p>
            )}
          </header>
          {contest.resultsHidden ? (
            <p class="stage-hidden">Results are hidden until the vote closes.</p>
          ) : (
            <StageCounts contest={contest} results={results} />
          )}
          <StageFigures contest={contest} total={results?.total ?? 0} rate={points.at(-1)?.[1] ?? 0} live={live} />
          <StageVote contest={contest} total={results?.total ?? 0} />
        </>
      )}
    </main>
  );
}

function NoContest({ id, live }: { id: string; live: LiveResults }) {
  if (live.contests?.every((known) => known.id !== id))
    return <Notice kind="empty" title={`There is no contest “${id}”`} />;
  return live.link !== 'reconnecting' ? <Notice kind="loading" title="Loading …" /> : <Unreachable />;
}

/** Maximum number of rows that are large enough to read from the back of a hall. */
const MOST_ROWS = 8;

function StageCounts({ contest, results }: { contest: ContestView; results: Results | undefined }) {
  const ranked = rankOptions(contest, results);
  const longest = Math.max(...ranked.map(({ label }) => label.length));
  const most = Math.min(ranked.length, MOST_ROWS);
  const rows = useFittingRows(most);
  return (
    <div class="stage-counts" style={{ '--rows': most, '--longest': longest }}>
      <OptionCounts contest={contest} results={results} most={rows} details />
      <SpokenResults options={ranked} total={results?.total ?? 0} />
    </div>
  );
}

function winnerOf(ranked: readonly RankedOption[]): string {
  const [first, second] = ranked;
  if (first === undefined || first.count === 0) return 'No votes cast';
  return second?.count === first.count ? 'A tie' : `Winner: ${first.label}`;
}
