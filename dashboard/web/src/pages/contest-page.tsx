import { useState } from 'preact/hooks';
import type { ContestView } from '../../../api.ts';
import { formatCount, formatRate, formatShare, formatTime } from '../data/format.ts';
import { type LiveResults, type Results, useLiveResults } from '../data/live-results.ts';
import { useRate } from '../data/use-rate.ts';
import { useSettings, voteAddress } from '../data/use-settings.ts';
import { ContestDialog } from '../parts/contest-dialog.tsx';
import { ContestManager } from '../parts/contest-manager.tsx';
import { Icon } from '../parts/icon.tsx';
import { LineChart } from '../parts/line-chart.tsx';
import { LinkBadge } from '../parts/link-badge.tsx';
import { Notice } from '../parts/notice.tsx';
import { OptionBars } from '../parts/option-bars.tsx';
import { rankOptions } from '../parts/ranking.ts';
import { ResultsTable } from '../parts/results-table.tsx';
import { ShareDialog } from '../parts/share-dialog.tsx';
import { SpokenResults } from '../parts/spoken-results.tsx';
import { StatusChip } from '../parts/status-chip.tsx';
import { Versus } from '../parts/versus.tsx';

/** One contest in full. */
export function ContestPage({ id }: { id: string }) {
  const live = useLiveResults();
  const contest = live.contests?.find((candidate) => candidate.id === id);
  if (contest !== undefined) return <Contest contest={contest} live={live} />;
  if (live.contests === undefined) return <Notice kind="loading" title="Loading the contest …" />;
  return (
    <Notice kind="empty" title={`There is no contest “${id}”`}>
      <a href="/">See all contests</a>
    </Notice>
  );
}

function Contest({ contest, live }: { contest: ContestView; live: LiveResults }) {
  const results = live.results.get(contest.id);
  const points = useRate(contest.id, results);
  const settings = useSettings();
  const [dialog, setDialog] = useState<'share' | 'edit' | undefined>();
  const close = () => setDialog(undefined);
  return (
    <div class={live.link === 'reconnecting' ? 'is-stale' : ''}>
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
          They are shown here, and in every other place, when the contest closes.
        </Notice>
      ) : (
        <Counts contest={contest} results={results} rate={points.at(-1)?.[1] ?? 0}>
          <LineChart
            title="Votes counted per second"
            unit="votes/s"
            series={[{ label: 'Votes', colour: '--accent', points }]}
          />
        </Counts>
      )}
      {settings?.adminEnabled && <ContestManager contest={contest} onEdit={() => setDialog('edit')} />}

      {dialog === 'share' && settings !== undefined && (
        <ShareDialog title={contest.title} address={voteAddress(settings, contest.id)} onClose={close} />
      )}
      {dialog === 'edit' && <ContestDialog contest={contest} onClose={close} />}
    </div>
  );
}

function Counts(props: {
  contest: ContestView;
  results: Results | undefined;
  rate: number;
  children: preact.ComponentChildren;
}) {
  const { contest, results, rate } = props;
  const ranked = rankOptions(contest, results);
  const total = results?.total ?? 0;
  const inOrder = contest.options.map(({ id }) => ranked.find((option) => option.id === id));
  const [left, right] = inOrder;
  const isDuel = inOrder.length === 2;
  return (
    <>
      <div class="contest-grid">
        <section class="card" aria-labelledby="counts-title">
          <h2 id="counts-title" class="visually-hidden">
            Counts
          </h2>
          {isDuel && left !== undefined && right !== undefined ? (
            <Versus options={[left, right]} total={total} />
          ) : (
            <OptionBars options={ranked} total={total} details />
          )}
        </section>
        <aside class="card" aria-label="At a glance">
          <dl class="facts">
            <Fact label={contest.rule === 'one-per-voter' ? 'Voters' : 'Votes'} value={formatCount(total)} big />
            {contest.rule === 'one-per-voter' && (
              <Fact label="Changed votes" value={formatCount(results?.changed ?? 0)} />
            )}
            <Fact label="Votes per second" value={formatRate(rate)} />
            <Fact label="Leading" value={leading(ranked, total)} />
            <Fact label="Newest vote" value={results?.countedUpTo ? formatTime(results.countedUpTo) : '–'} />
            <Fact
              label="Rule"
              value={contest.rule === 'one-per-voter' ? 'One vote a voter, may change' : 'Every vote counts'}
            />
          </dl>
        </aside>
        <div class="card wide">{props.children}</div>
        <section class="card wide" aria-labelledby="table-title">
          <h2 id="table-title">All options</h2>
          <ResultsTable options={ranked} total={total} />
        </section>
      </div>
      <SpokenResults options={ranked} total={total} />
    </>
  );
}

function Fact({ label, value, big = false }: { label: string; value: string; big?: boolean }) {
  return (
    <div class={big ? 'fact big' : 'fact'}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function leading(ranked: ReturnType<typeof rankOptions>, total: number): string {
  const first = ranked.filter(({ place }) => place === 1);
  if (total === 0) return 'Nobody yet';
  if (first.length > 1) return 'A tie';
  return `${first[0]?.label}, ${formatShare(first[0]?.count ?? 0, total)}`;
}
