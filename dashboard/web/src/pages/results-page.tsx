import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { ContestView } from '../../../api/contests.ts';
import { countedWord, formatCompact, formatRate, plural } from '../data/format.ts';
import { type LiveResults, type Results, useLiveResults } from '../data/live-results.ts';
import { type RatePoints, useRate } from '../data/use-rate.ts';
import { useSettings } from '../data/use-settings.ts';
import { ContestDialog } from '../parts/contests/contest-dialog.tsx';
import { StatusChip } from '../parts/contests/status-chip.tsx';
import { LineChart } from '../parts/results/line-chart.tsx';
import { OptionCounts } from '../parts/results/option-counts.tsx';
import { Sparkline } from '../parts/results/sparkline.tsx';
import { Icon } from '../parts/shell/icon.tsx';
import { LinkBadge } from '../parts/shell/link-badge.tsx';
import { Notice, Unreachable } from '../parts/shell/notice.tsx';

/** All contests at a glance. */
export function ResultsPage() {
  const live = useLiveResults();
  const settings = useSettings();
  const [making, setMaking] = useState(false);
  const counted = [...live.results.values()].reduce((sum, { total }) => sum + total, 0);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Live results</h1>
          <p class="lead">
            {live.contests === undefined
              ? ' '
              : `${plural(counted, 'vote')} counted in ${plural(live.contests.length, 'contest')}`}
          </p>
        </div>
        <div class="page-actions">
          <LinkBadge link={live.link} staleSince={live.staleSince} heardAt={live.heardAt} />
          {settings?.adminEnabled && (
            <button type="button" onClick={() => setMaking(true)}>
              <Icon name="plus" /> New contest
            </button>
          )}
        </div>
      </div>
      <ContestList live={live} />
      {making && <ContestDialog onClose={() => setMaking(false)} />}
    </>
  );
}

function ContestList({ live }: { live: LiveResults }) {
  if (live.contests === undefined) {
    return live.link === 'connecting' ? <Notice kind="loading" title="Loading the contests …" /> : <Unreachable />;
  }
  if (live.contests.length === 0) return <Notice kind="empty" title="There are no contests yet" />;
  return <Contests contests={live.contests} live={live} />;
}

/** Lines that a chart can tell apart; the other contests have their line on their own page. */
const LINES = ['--accent', '--wire-grpc', '--wire-http', '--bad', '--good', '--wire-connect'];

function Contests({ contests, live }: { contests: readonly ContestView[]; live: LiveResults }) {
  const [rates, setRates] = useState<ReadonlyMap<string, RatePoints>>(new Map());
  const onRate = useCallback(
    (id: string, points: RatePoints) => setRates((before) => new Map(before).set(id, points)),
    [],
  );
  const series = useMemo(
    () =>
      contests
        .filter(({ resultsHidden }) => !resultsHidden)
        .slice(0, LINES.length)
        .map(({ id, title }, index) => ({
          label: title,
          colour: LINES[index] ?? '--accent',
          points: rates.get(id) ?? [],
        })),
    [contests, rates],
  );
  return (
    <>
      <ul class={`cards ${live.link === 'reconnecting' ? 'is-stale' : ''}`}>
        {contests.map((contest) => (
          <ContestCard key={contest.id} contest={contest} results={live.results.get(contest.id)} onRate={onRate} />
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

const SHOWN = 4;

interface ContestCardProps {
  readonly contest: ContestView;
  readonly results: Results | undefined;
  readonly onRate: (id: string, points: RatePoints) => void;
}

function ContestCard({ contest, results, onRate }: ContestCardProps) {
  const points = useRate(contest.id, results);
  useEffect(() => onRate(contest.id, points), [contest.id, points, onRate]);
  return (
    <li class="card contest-card">
      <div class="card-head">
        <h2>
          <a href={`/contests/${contest.id}`}>{contest.title}</a>
        </h2>
        <StatusChip contest={contest} />
      </div>
      {contest.resultsHidden ? (
        <p class="muted">Results are hidden until the contest closes.</p>
      ) : (
        <>
          <div class="card-counts">
            <OptionCounts contest={contest} results={results} most={SHOWN} compact />
          </div>
          <div class="card-foot">
            <Figure value={formatCompact(results?.total ?? 0)} label={countedWord(contest.rule, results?.total ?? 0)} />
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
