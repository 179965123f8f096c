import { useEffect, useState } from 'preact/hooks';
import { plural, toLocalTime } from '../data/format.ts';
import { type LogFilter, logAddress, logQuery, NO_FILTER, readLogFilter } from '../data/log/log-filter.ts';
import { openLogSession } from '../data/log/log-session.ts';
import { useContests } from '../data/log/use-contests.ts';
import { useLog } from '../data/log/use-log.ts';
import { changeAddress, navigate } from '../data/route.ts';
import { LogCounts } from '../parts/log/log-counts.tsx';
import { LogFilters } from '../parts/log/log-filters.tsx';
import { LogTable } from '../parts/log/log-table.tsx';
import { Icon } from '../parts/shell/icon.tsx';
import { LinkBadge } from '../parts/shell/link-badge.tsx';
import { Notice, ProblemNotice } from '../parts/shell/notice.tsx';
import { TokenForm } from '../parts/shell/token-form.tsx';

/** The vote log: newest first, filtered, live. */
export function LogPage() {
  const [filter, setFilter] = useState<LogFilter>(() => readLogFilter(location.search));
  useEffect(() => {
    const update = () => setFilter(readLogFilter(location.search));
    addEventListener('popstate', update);
    return () => removeEventListener('popstate', update);
  }, []);
  const [live, setLive] = useState(true);
  const query = logQuery(filter);
  const log = useLog(query, live);
  const contests = useContests([
    ...(filter.contest === '' ? [] : [filter.contest]),
    ...(log.items?.map(({ contest }) => contest) ?? []),
  ]);
  const isRefused = log.problem !== undefined && log.problem.status >= 400 && log.problem.status < 500;
  const isStale = log.link === 'reconnecting' || log.staleSince !== null;
  const needsToken = log.problem?.status === 401;
  const enter = async (token: string) => {
    const problem = await openLogSession(token);
    if (problem === undefined) log.restart();
    return problem;
  };
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Vote log</h1>
          <p class="lead">Every acknowledged vote, once. Voters are shown as keyed hashes.</p>
        </div>
        <div class="page-actions">
          {needsToken ? (
            <LinkBadge link="refused" staleSince={null} heardAt={log.heardAt} />
          ) : (
            !isRefused && <LinkBadge link={log.link} staleSince={log.staleSince} heardAt={log.heardAt} paused={!live} />
          )}
          <button type="button" disabled={isRefused} aria-pressed={live} onClick={() => setLive(!live)}>
            <Icon name={live ? 'pause' : 'play'} /> {live ? 'Pause' : 'Resume'}
            {!live && log.waiting.length > 0 && <span class="count-pill">{log.waiting.length} new</span>}
          </button>
        </div>
      </div>

      <LogFilters
        filter={filter}
        contests={contests.list}
        details={contests.details}
        onChange={(next) => changeAddress(logAddress(next))}
        // Moves the focus: the pressed button disappears because no filter is left to clear.
        onClear={() => navigate(logAddress(NO_FILTER))}
      />

      <section class={isStale ? 'card flush is-stale' : 'card flush'} aria-label="Votes">
        <div class="table-bar">
          <p class="muted" role="status">
            {log.items === undefined ? '' : `${plural(log.items.length, 'vote')} shown, newest first`}
            {log.gap && ' · some new votes are not shown'}
          </p>
          {!isRefused && (
            <div class="row">
              <a class="button" href={`/api/logs/export?${logQuery(filter, { format: 'csv' })}`} download>
                <Icon name="download" /> CSV
              </a>
              <a class="button" href={`/api/logs/export?${logQuery(filter, { format: 'ndjson' })}`} download>
                <Icon name="download" /> NDJSON
              </a>
            </div>
          )}
        </div>
        {needsToken && <TokenForm kind="log" reason={log.problem} onSubmit={enter} />}
        {!isRefused && log.items !== undefined && (
          <LogCounts
            query={query}
            onRange={(from, to) =>
              changeAddress(logAddress({ ...filter, since: localTime(from), until: localTime(to) }))
            }
          />
        )}
        {log.problem !== undefined && !needsToken && (
          <ProblemNotice problem={log.problem} {...(isRefused ? {} : { retry: () => void log.reload() })} />
        )}
        {log.items === undefined && log.problem === undefined && <Notice kind="loading" title="Loading the log …" />}
        {log.items?.length === 0 && (
          <Notice kind="empty" title="No votes found">
            {query === '' ? 'New votes appear here automatically.' : 'No vote matches these filters yet.'}
          </Notice>
        )}
        {log.items !== undefined && log.items.length > 0 && <LogTable items={log.items} contests={contests.details} />}
        {log.trimmed && (
          <div class="table-more">
            <button type="button" onClick={() => void log.reload()}>
              Back to the newest votes
            </button>
          </div>
        )}
        {log.next !== null && (
          <div class="table-more">
            <button type="button" disabled={log.loadingMore} onClick={log.more}>
              {log.loadingMore ? 'Loading …' : 'Show older votes'}
            </button>
          </div>
        )}
      </section>
    </>
  );
}

/** The value of a time field of the filters, to the second. */
function localTime(ms: number): string {
  return toLocalTime(new Date(ms).toISOString(), 'second');
}
