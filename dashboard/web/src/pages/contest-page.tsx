import { useMemo, useState } from 'preact/hooks';
import type { ContestView } from '../../../api/contests.ts';
import { formatCount, formatRate, formatTime } from '../data/format.ts';
import { isStale, type LiveResults, type Results, useLiveResults } from '../data/live-results.ts';
import { type RatePoints, useRate } from '../data/use-rate.ts';
import { useSettings, voteAddress } from '../data/use-settings.ts';
import { LineChart } from '../parts/charts/line-chart.tsx';
import { ContestDialog } from '../parts/contests/contest-dialog.tsx';
import { ContestManager } from '../parts/contests/contest-manager.tsx';
import { ShareDialog } from '../parts/contests/share-dialog.tsx';
import { StatusChip } from '../parts/contests/status-chip.tsx';
import { OptionCounts } from '../parts/results/option-counts.tsx';
import { rankOptions } from '../parts/results/ranking.ts';
import { ResultsTable } from '../parts/results/results-table.tsx';
import { SpokenResults } from '../parts/results/spoken-results.tsx';
import { VotesOverTime } from '../parts/results/votes-over-time.tsx';
import { Icon } from '../parts/shell/icon.tsx';
import { LinkBadge } from '../parts/shell/link-badge.tsx';
import { Notice, Unreachable } from '../parts/shell/notice.tsx';

/** Shows one contest with all details. */
export function ContestPage({ id }: { id: string }) {
  const live = useLiveResults([id]);
  const contest = live.details.get(id);
  if (contest !== undefined) return <Contest contest={contest} live={live} />;
  if (live.contests === undefined || live.contests.some((known) => known.id === id)) {
    return live.link !== 'reconnecting' ? <Notice kind="loading" title="Loading the contest …" /> : <Unreachable />;
  }
  return (
    <>
      <h1>Unknown contest</h1>
      <Notice kind="empty" title={`There is no contest “${id}”`}>
        <a href="/">See all contests</a>
      </Notice>
    </>
  );
}

function Contest({ contest, live }: { contest: ContestView; live: LiveResults }) {
  const results = live.results.get(contest.id);
  const points = useRate(contest.id, results);
  const settings = useSettings();
  const [dialog, setDialog] = useState<'share' | 'edit' | 'duplicate' | undefined>();
  const close = () => setDialog(undefined);
  return (
    <div class={isStale(live) ? 'is-stale' : ''}>
      <a class="back" href="/">
        <Icon name="back" /> All contests
      </a>
      <div class="page-head">
        <div>
          <h1>{contest.title}</h1>
          <p class="lead head-chips">
            <StatusChip contest={contest} />
            <LinkBadge link={live.link} staleSince={live.staleSince} heardAt={live.heardAt} />
          </p>
        </div>
        <div class="page-actions">
          <a class="button" href={`/contests/${contest.id}?stage`}>
            <Icon name="stage" /> Stage
          </a>
          <button type="button" class="primary" onClick={() => setDialog('share')}>
            <Icon name="share" /> Share the vote
          </button>
        </div>
      </div>

      {contest.resultsHidden ? (
        <Notice kind="empty" title="Results are hidden">
          They are shown when the contest closes.
        </Notice>
      ) : (
        <Counts contest={contest} results={results} points={points} />
      )}
      {settings?.adminEnabled && (
        <ContestManager contest={contest} onEdit={() => setDialog('edit')} onDuplicate={() => setDialog('duplicate')} />
      )}

      {dialog === 'share' && settings !== undefined && (
        <ShareDialog title={contest.title} address={voteAddress(settings, contest)} onClose={close} />
      )}
      {dialog === 'duplicate' && <ContestDialog original={contest} onClose={close} />}
      {dialog === 'edit' && <ContestDialog contest={contest} onClose={close} />}
    </div>
  );
}

const MANY_OPTIONS = 5;

interface CountsProps {
  readonly contest: ContestView;
  readonly results: Results | undefined;
  readonly points: RatePoints;
}

function Counts({ contest, results, points }: CountsProps) {
  const ranked = rankOptions(contest, results);
  const total = results?.total ?? 0;
  const onePerVoter = contest.rule === 'one-per-voter';
  // Many bars are as high as two charts; few of them take the whole width, above both.
  const isLong = contest.options.length > MANY_OPTIONS;
  const series = useMemo(() => [{ label: 'Votes', colour: '--accent', points }], [points]);
  const charts = (
    <>
      <div class="card">
        <VotesOverTime contest={contest} />
      </div>
      <div class="card">
        <LineChart title="Votes counted per second" unit="votes/s" series={series} />
      </div>
    </>
  );
  return (
    <>
      <dl class="facts strip" aria-label="At a glance">
        <Fact label={onePerVoter ? 'Voters' : 'Votes'} value={formatCount(total)} />
        {onePerVoter && <Fact label="Changed votes" value={formatCount(results?.changed ?? 0)} />}
        <Fact label="Votes per second" value={formatRate(points.at(-1)?.[1] ?? 0)} />
        <Fact label="Latest vote" value={results?.countedUpTo ? formatTime(results.countedUpTo) : '–'} />
        <Fact label="Leading" value={leading(ranked, total)} />
      </dl>
      <div class={isLong ? 'contest-grid long' : 'contest-grid'}>
        <section class={isLong ? 'card counts' : 'card counts wide'} aria-label="Counts">
          <OptionCounts contest={contest} results={results} details />
        </section>
        {isLong ? <div class="stack">{charts}</div> : charts}
        <section class="card wide" aria-labelledby="table-title">
          <h2 id="table-title">All options</h2>
          <p class="muted small">{onePerVoter ? 'One vote per voter, can be changed.' : 'Every vote counts.'}</p>
          <p class="row exports">
            {(['csv', 'json'] as const).map((format) => (
              <a
                key={format}
                class="button"
                href={`/api/contests/${contest.id}/results/export?format=${format}`}
                download={`${contest.id}-results.${format}`}
              >
                <Icon name="download" /> Results as {format.toUpperCase()}
              </a>
            ))}
          </p>
          <ResultsTable options={ranked} total={total} />
        </section>
      </div>
      <SpokenResults options={ranked} total={total} />
    </>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function leading(ranked: ReturnType<typeof rankOptions>, total: number): string {
  const first = ranked.filter(({ place }) => place === 1);
  if (total === 0) return 'None yet';
  return first.length > 1 ? 'A tie' : (first[0]?.label ?? '–');
}
