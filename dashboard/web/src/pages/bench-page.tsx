import { useState } from 'preact/hooks';
import type { BenchReportView, BenchRun, BenchView } from '../../../api/bench.ts';
import type { ProblemView } from '../../../api/problem.ts';
import { adminFetch } from '../data/admin.ts';
import { plural } from '../data/format.ts';
import { usePoll } from '../data/use-poll.ts';
import { useSettings } from '../data/use-settings.ts';
import { BenchEffects } from '../parts/bench/bench-effects.tsx';
import { BenchRows } from '../parts/bench/bench-rows.tsx';
import { BenchRunCard } from '../parts/bench/bench-run.tsx';
import { CompareReports } from '../parts/bench/compare-reports.tsx';
import { reportTitle } from '../parts/bench/report-title.ts';
import { AdminGate } from '../parts/contests/admin-gate.tsx';
import { announce } from '../parts/shell/announcer.tsx';
import { Icon } from '../parts/shell/icon.tsx';
import { Notice, ProblemNotice } from '../parts/shell/notice.tsx';

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
      {value !== undefined && (
        <BenchRunCard run={value.run} newest={value.reports.find(({ published }) => !published)} />
      )}
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
      {value !== undefined && value.reports.length > 1 && <CompareReports reports={value.reports} />}
    </>
  );
}

/** The number of summary lines, which come first in a report. */
const SUMMARY_LINES = 3;

/** The summary, and on request the findings behind it, about 50 in a full run. */
function Verdict({ lines }: { lines: readonly string[] }) {
  const [summary, findings] = [lines.slice(0, SUMMARY_LINES), lines.slice(SUMMARY_LINES)];
  const list = (shown: readonly string[]) => (
    <ul class="verdicts">
      {shown.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
  return (
    <>
      {summary.length > 0 && list(summary)}
      {findings.length > 0 && (
        <details class="behind">
          <summary>{findings.length} findings</summary>
          {list(findings)}
        </details>
      )}
    </>
  );
}

function Report({ report, open }: { report: BenchReportView; open: boolean }) {
  return (
    <details class="card report" open={open}>
      <summary>
        <h2>{reportTitle(report)}</h2>
        <span class={`chip ${report.valid ? 'open' : 'invalid'}`}>{report.valid ? 'Valid' : 'Invalid'}</span>
      </summary>
      {report.published && (
        <p class="muted">
          Measured before this version was released{report.machine !== '' && `: ${report.machine}`}. Your machine
          differs; run the bench for your own figures.
        </p>
      )}
      {report.invalid.length > 0 && (
        <ul class="form-error">
          {report.invalid.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <Verdict lines={report.verdict} />
      <BenchEffects effects={report.effects} title={reportTitle(report)} />
      {report.rows.length > 0 && (
        <details class="behind">
          <summary>{plural(report.rows.length, 'measurement')}</summary>
          <BenchRows rows={report.rows} title={reportTitle(report)} />
        </details>
      )}
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
