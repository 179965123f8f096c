import type { SystemView } from '../../../../store/monitoring/system.ts';
import type { SystemReading } from '../../../api/system.ts';
import type { SystemHistoryView } from '../../../api/system-history.ts';
import { formatClock, formatCount, formatDuration, plural } from '../data/format.ts';
import { useAge } from '../data/use-age.ts';
import { usePoll } from '../data/use-poll.ts';
import { AuditSection } from '../parts/audit/audit-section.tsx';
import { LinkBadge } from '../parts/shell/link-badge.tsx';
import { Notice, ProblemNotice } from '../parts/shell/notice.tsx';
import { DeadLetterList } from '../parts/system/dead-letter-list.tsx';
import { LedgerView } from '../parts/system/ledger-view.tsx';
import { PartitionTable } from '../parts/system/partition-table.tsx';
import { ProcessTable } from '../parts/system/process-table.tsx';
import { SystemCharts } from '../parts/system/system-charts.tsx';
import { SystemEvents } from '../parts/system/system-events.tsx';

const EVERY_MS = 800;
/** A state that was read longer ago is stale: pages report it within two seconds, however the timers fall. */
const STALE_MS = 1600;
const HISTORY_MS = 4000;

/** The state of streams, consumers and edges. */
export function SystemPage() {
  const { value, readAt: answeredAt, problem } = usePoll<SystemReading>('/api/system', EVERY_MS);
  const readAt = answeredAt - (value?.ageMs ?? 0);
  const { value: history } = usePoll<SystemHistoryView>('/api/system/history', HISTORY_MS);
  const isStale = useAge(readAt) > STALE_MS || problem !== undefined;
  if (value === undefined) {
    return (
      <>
        <h1>System</h1>
        {problem === undefined ? (
          <Notice kind="loading" title="Reading the streams …" />
        ) : (
          <ProblemNotice problem={problem} />
        )}
      </>
    );
  }
  const deadLetters = value.partitions.reduce((sum, partition) => sum + partition.deadLetters, 0);
  const consumers = value.consumers.filter(({ alive }) => alive).length;
  const edges = value.edges.filter(({ alive }) => alive).length;
  return (
    <>
      <div class="page-head">
        <div>
          <h1>System</h1>
          <p class="lead">{isStale ? 'The present state is unknown.' : summary(value, deadLetters)}</p>
        </div>
        <div class="page-actions">
          <LinkBadge link={isStale ? 'reconnecting' : 'live'} staleSince={null} heardAt={readAt} />
        </div>
      </div>
      {problem !== undefined && (
        <p class="banner" role="alert">
          {problem.code === 'store_unavailable' ? 'Redis does not answer' : problem.detail}. These values are from{' '}
          {formatClock(readAt)}.
        </p>
      )}
      {value.warnings.map((warning) => (
        <p class="banner" role="alert" key={warning}>
          {warning}
        </p>
      ))}
      <ul class={isStale ? 'tiles is-stale' : 'tiles'}>
        <Tile
          label="Edges"
          value={formatCount(edges)}
          note={edges > 0 ? 'accepting votes' : 'No votes are accepted'}
          state={edges > 0 ? 'good' : 'bad'}
        />
        {[...value.groups]
          .sort((a, b) => (a.name > b.name ? -1 : 1))
          .map((group) => (
            <Tile
              key={group.name}
              label={group.name === 'tally' ? 'To count' : 'To log'}
              value={group.lag === null ? 'unknown' : formatCount(group.lag + group.pending)}
              note={`${group.lag === null ? '?' : formatCount(group.lag)} unread, ${formatCount(group.pending)} in progress${delayNote(group.name, history)}`}
              state={group.lag === null || group.lag > 1000 ? 'warn' : 'good'}
            />
          ))}
        <Tile
          label="Consumers"
          value={formatCount(consumers)}
          note={consumers > 0 ? 'counting and logging' : 'Votes are not counted'}
          state={consumers > 0 ? 'good' : 'bad'}
        />
        <Tile
          label="Dead letters"
          value={formatCount(deadLetters)}
          note={deadLetters === 0 ? 'none' : 'need attention'}
          state={deadLetters > 0 ? 'bad' : 'good'}
        />
      </ul>
      <SystemEvents events={history?.events ?? []} />
      <section class={isStale ? 'card values is-stale' : 'card'} aria-labelledby="ledger-title">
        <h2 id="ledger-title">Ledger</h2>
        <LedgerView ledger={value.ledger} />
      </section>
      <SystemCharts samples={history?.samples ?? []} />
      <section class={isStale ? 'card flush values is-stale' : 'card flush'} aria-labelledby="partitions-title">
        <h2 id="partitions-title">Partitions</h2>
        <PartitionTable partitions={value.partitions} />
      </section>
      <section class={isStale ? 'card flush values is-stale' : 'card flush'} aria-labelledby="processes-title">
        <h2 id="processes-title">Consumers and edges</h2>
        <ProcessTable consumers={value.consumers} edges={value.edges} readAt={readAt} />
      </section>
      <section class="card flush" aria-labelledby="dead-title">
        <h2 id="dead-title">Dead letters</h2>
        <DeadLetterList count={deadLetters} />
      </section>
      <AuditSection />
    </>
  );
}

/** The age of the oldest waiting entry, and whether it has grown over the last half minute. */
function delayNote(group: string, history: SystemHistoryView | undefined): string {
  const delays = (history?.samples ?? []).map((sample) =>
    group === 'tally' ? sample.countDelayMs : sample.logDelayMs,
  );
  const now = delays.at(-1);
  if (now == null || now < 1000) return '';
  const before = delays.at(-16);
  const trend = before == null ? '' : now > before + 1000 ? ', growing' : now < before - 1000 ? ', shrinking' : '';
  return `, oldest ${formatDuration(now)}${trend}`;
}

function Tile(props: { label: string; value: string; note: string; state: 'good' | 'warn' | 'bad' }) {
  return (
    <li class={`tile ${props.state}`}>
      <p class="tile-label">{props.label}</p>
      <p class="tile-value">{props.value}</p>
      <p class="tile-note">{props.note}</p>
    </li>
  );
}

function summary({ ledger, partitions, edges, consumers }: SystemView, deadLetters: number): string {
  const state = !edges.some(({ alive }) => alive)
    ? 'No edge is running: no votes are accepted'
    : !consumers.some(({ alive }) => alive)
      ? 'No consumer is running: votes are not counted'
      : ledger.open > 0
        ? `${plural(ledger.open, 'entry', 'entries')} in progress`
        : ledger.gaps.length > 0
          ? 'The ledger does not balance'
          : 'Everything is counted and logged';
  return `${plural(partitions.length, 'partition')}. ${state}${deadLetters > 0 ? `, ${plural(deadLetters, 'dead letter')}` : ''}.`;
}
