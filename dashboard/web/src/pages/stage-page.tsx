import { useEffect, useRef } from 'preact/hooks';
import type { ContestView } from '../../../api/contests.ts';
import { countedWord, formatCount, formatRate } from '../data/format.ts';
import { isStale, type LiveResults, type Results, useLiveResults } from '../data/live-results.ts';
import { useRate } from '../data/use-rate.ts';
import { useSettings, voteAddress } from '../data/use-settings.ts';
import { QrImage } from '../parts/contests/qr-image.tsx';
import { OptionCounts } from '../parts/results/option-counts.tsx';
import { rankOptions } from '../parts/results/ranking.ts';
import { SpokenResults } from '../parts/results/spoken-results.tsx';
import { Icon } from '../parts/shell/icon.tsx';
import { LinkBadge } from '../parts/shell/link-badge.tsx';
import { Notice, Unreachable } from '../parts/shell/notice.tsx';

/** One contest for a screen on a stage. */
export function StagePage({ id }: { id: string }) {
  const live = useLiveResults([id]);
  const settings = useSettings();
  const screen = useRef<HTMLElement>(null);
  const contest = live.details.get(id);
  const results = live.results.get(id);
  const points = useRate(id, results);
  useWakeLock();

  const address = settings === undefined ? undefined : voteAddress(settings, id);
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
          <h1 style={{ '--title': contest.title.length > 34 ? 3.2 : 5 }}>{contest.title}</h1>
          {contest.resultsHidden ? (
            <p class="stage-hidden">Results are hidden until the vote closes.</p>
          ) : (
            <StageCounts contest={contest} results={results} />
          )}
          <footer class="stage-foot">
            <ul class="stage-figures">
              {!contest.resultsHidden && (
                <>
                  <li>
                    <strong>{formatCount(results?.total ?? 0)}</strong>
                    <span>{countedWord(contest.rule, results?.total ?? 0)}</span>
                  </li>
                  <li>
                    <strong>{formatRate(points.at(-1)?.[1] ?? 0)}</strong>
                    <span>votes per second</span>
                  </li>
                </>
              )}
              <li class="stage-state">
                <LinkBadge link={live.link} staleSince={live.staleSince} heardAt={live.heardAt} />
              </li>
            </ul>
            {address !== undefined && contest.status === 'open' && (
              <div class="stage-vote">
                <p>
                  Vote at
                  <br />
                  <strong>{address.replace(/^https?:\/\//, '')}</strong>
                </p>
                <QrImage text={address} label={`QR code of ${address}`} />
              </div>
            )}
            {contest.status === 'closed' && <p class="stage-closed">Voting is closed</p>}
          </footer>
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

/** Rows that can be read from the back of a hall. */
const MOST_ROWS = 10;

function StageCounts({ contest, results }: { contest: ContestView; results: Results | undefined }) {
  const ranked = rankOptions(contest, results);
  return (
    <div class="stage-counts" style={{ '--rows': Math.min(ranked.length, MOST_ROWS) }}>
      <OptionCounts contest={contest} results={results} most={MOST_ROWS} details />
      <SpokenResults options={ranked} total={results?.total ?? 0} />
    </div>
  );
}

/** Keeps the screen on, if the browser allows it. */
function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    const ask = async () => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      lock = await navigator.wakeLock.request('screen').catch(() => undefined);
    };
    void ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    };
  }, []);
}
