import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { ContestSummary } from '../../../api/contests.ts';
import { plural } from '../data/format.ts';
import { isStale, useLiveResults } from '../data/live-results.ts';
import type { RatePoints } from '../data/use-rate.ts';
import { useSettings } from '../data/use-settings.ts';
import { LineChart } from '../parts/charts/line-chart.tsx';
import { ContestDialog } from '../parts/contests/contest-dialog.tsx';
import { ContestCard } from '../parts/results/list/contest-card.tsx';
import { type ContestSearch, NO_SEARCH, orderContests, searchContests } from '../parts/results/list/contest-search.ts';
import { ContestSearchForm } from '../parts/results/list/contest-search-form.tsx';
import { Icon } from '../parts/shell/icon.tsx';
import { LinkBadge } from '../parts/shell/link-badge.tsx';
import { Notice, Unreachable } from '../parts/shell/notice.tsx';

/** Cards per step of the list; only displayed contests are streamed. */
const STEP = 24;
/** Distinguishable line colors; the remaining contests have their chart on their own page only. */
const LINES = ['--accent', '--wire-grpc', '--wire-http', '--bad', '--good', '--wire-connect'];

/** An overview of all contests. */
export function ResultsPage() {
  const { contests } = useLiveResults();
  const settings = useSettings();
  const [creating, setCreating] = useState(false);
  const [search, setSearch] = useState<ContestSearch>(NO_SEARCH);
  const [most, setMost] = useState(STEP);
  const ordered = useOrder(contests);
  const found = searchContests(ordered, search);
  const shown = found.slice(0, most);
  const live = useLiveResults(shown.map(({ id }) => id));
  const counted = shown.reduce((sum, { id }) => sum + (live.results.get(id)?.total ?? 0), 0);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Live results</h1>
          <p class="lead">
            {contests === undefined
              ? ' '
              : shown.length < contests.length
                ? `${plural(contests.length, 'contest')}, ${plural(shown.length, 'contest')} shown`
                : `${plural(counted, 'vote')} counted in ${plural(contests.length, 'contest')}`}
          </p>
        </div>
        <div class="page-actions">
          <LinkBadge link={live.link} staleSince={live.staleSince} heardAt={live.heardAt} />
          {settings?.adminEnabled && (
            <button type="button" onClick={() => setCreating(true)}>
              <Icon name="plus" /> New contest
            </button>
          )}
        </div>
      </div>
      {contests !== undefined && contests.length > 6 && <ContestSearchForm search={search} onChange={setSearch} />}
      {contests === undefined &&
        (live.link !== 'reconnecting' ? <Notice kind="loading" title="Loading the contests …" /> : <Unreachable />)}
      {contests?.length === 0 && <Notice kind="empty" title="There are no contests yet" />}
      {contests !== undefined && contests.length > 0 && found.length === 0 && (
        <Notice kind="empty" title="No contest matches" />
      )}
      {shown.length > 0 && <Cards shown={shown} />}
      {found.length > most && (
        <div class="table-more">
          <button type="button" onClick={() => setMost(most + STEP)}>
            Show more contests
          </button>
        </div>
      )}
      {creating && <ContestDialog onClose={() => setCreating(false)} />}
    </>
  );
}

/** The order depends only on the contests and their status, so that cards do not jump with every vote. */
function useOrder(contests: readonly ContestSummary[] | undefined): readonly ContestSummary[] {
  const key = contests?.map(({ id, status }) => `${id} ${status}`).join();
  const order = useMemo(() => orderContests(contests ?? []).map(({ id }) => id), [key]);
  const byId = new Map(contests?.map((contest) => [contest.id, contest]));
  return order.map((id) => byId.get(id)).filter((contest) => contest !== undefined);
}

function Cards({ shown }: { shown: readonly ContestSummary[] }) {
  const live = useLiveResults();
  const [rates, setRates] = useState<ReadonlyMap<string, RatePoints>>(new Map());
  const onRate = useCallback(
    (id: string, points: RatePoints) => setRates((before) => new Map(before).set(id, points)),
    [],
  );
  const series = useMemo(
    () =>
      shown
        .filter(({ resultsHidden }) => !resultsHidden)
        .slice(0, LINES.length)
        .map(({ id, title }, index) => ({
          label: title,
          colour: LINES[index] ?? '--accent',
          points: rates.get(id) ?? [],
        })),
    [shown, rates],
  );
  useEffect(() => {
    const ids = new Set(shown.map(({ id }) => id));
    setRates((before) => new Map([...before].filter(([id]) => ids.has(id))));
  }, [shown]);
  return (
    <>
      <ul class={`cards ${isStale(live) ? 'is-stale' : ''}`}>
        {shown.map((contest) => (
          <ContestCard
            key={contest.id}
            contest={contest}
            detail={live.details.get(contest.id)}
            results={live.results.get(contest.id)}
            onRate={onRate}
          />
        ))}
      </ul>
      {series.length > 0 && (
        <div class="card">
          <LineChart title="Votes counted per second" unit="votes/s" series={series} />
        </div>
      )}
    </>
  );
}
