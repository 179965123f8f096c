import { useState } from 'preact/hooks';
import type { BenchReportView, BenchRun, BenchView } from '../../../api/bench.ts';
import type { ProblemView } from '../../../api/problem.ts';
import { adminFetch } from '../data/admin.ts';
import { formatDuration, formatMinute, formatTime } from '../data/format.ts';
import { usePoll } from '../data/use-poll.ts';
import { useSettings } from '../data/use-settings.ts';
import { AdminGate } from '../parts/contests/admin-gate.tsx';
import { announce } from '../parts/shell/announcer.tsx';
import { Icon } from '../parts/shell/icon.tsx';
import { Notice, ProblemNotice } from '../parts/shell/notice.tsx';
import { ScrollRegion } from '../parts/shell/scroll-region.tsx';
import { BenchRows } from '../parts/system/bench-rows.tsx';

/** gRPC or HTTP + WebAssembly: the reports of the bench, and a quick run. */
export function BenchPage() {
  const { value, problem, refresh } = usePoll<BenchView>('/api/bench', 3000);
  const settings = useSettings();
  const [refused, setRefused] = useState<ProblemView>();
  const start = async () => {
    const answer = await adminFetch<BenchRun>('POST', '/api/bench');
    setRefused(answer.ok ? undefined : answer.problem);
    if (answer.ok) announce('The quick bench is running; it takes about a minute.');
    refresh();
  };
  const running = value?.run.state === 'running';
  const button = (
    <button type="button" class="primary" disabled={value === undefined || running} onClick={start}>
      <Icon name="play" /> {running ? 'Bench is running …' : 'Run a quick bench'}
    </button>
  );
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Bench</h1>
          <p class="lead">gRPC or HTTP + WebAssembly: server CPU per million acknowledged votes.</p>
        </div>
        <div class="page-actions">
          {value?.mayStart ? button : settings?.adminEnabled && <AdminGate>{button}</AdminGate>}
        </div>
      </div>
      {refused !== undefined && <ProblemNotice problem={refused} />}
      {value !== undefined && <Run run={value.run} />}
      {value === undefined &&
        (problem === undefined ? (
          <Notice kind="loading" title="Loading the reports …" />
        ) : (
          <ProblemNotice problem={problem} retry={refresh} />
        ))}
      {value?.reports.length === 0 && !running && (
        <Notice kind="empty" title="No reports yet">
          Run a quick bench here, or the full one with <code>npm run bench</code>.
        </Notice>
      )}
      {value?.reports.map((report, index) => (
        <Report key={report.id} report={report} open={index === 0} />
      ))}
    </>
  );
}

function Run({ run }: { run: BenchRun }) {
  if (run.state === 'none') return null;
  const title =
    run.state === 'running'
      ? `Running since ${formatTime(run.startedAt)}`
      : `${run.exitCode === 0 ? 'Finished' : `Failed with exit code ${run.exitCode ?? 'unknown'}`} after ${formatDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`;
  return (
    <section class="card" aria-label="The bench started here">
      <h2>
        {run.state === 'running' && <span class="spinner" aria-hidden="true" />} {title}
      </h2>
      <ScrollRegion label="Output">
        <pre class="dump">{run.output.slice(-40).join('\n') || 'No output yet.'}</pre>
      </ScrollRegion>
    </section>
  );
}

function Report({ report, open }: { report: BenchReportView; open: boolean }) {
  return (
    <details class="card report" open={open}>
      <summary>
        <h2>{reportTitle(report.id)}</h2>
        <span class={`chip ${report.valid ? 'open' : 'invalid'}`}>{report.valid ? 'Valid' : 'Invalid'}</span>
      </summary>
      {report.verdict.length > 0 && (
        <ul class="verdicts">
          {report.verdict.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
      <BenchRows rows={report.rows} title={reportTitle(report.id)} />
      {report.hasHtml && (
        <p class="report-link">
          <a
            class="button"
            href={`/api/bench/reports/${encodeURIComponent(report.id)}/report.html`}
            target="_blank"
            rel="noreferrer"
          >
            Open the full report
          </a>
        </p>
      )}
    </details>
  );
}

/** The folder of a report is named after its time, in characters that file systems allow. */
function reportTitle(id: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d)[-:]?(\d\d)[-:]?(\d\d)/.exec(id);
  return match === null ? id : formatMinute(`${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`);
}
