import type { BenchReportView, BenchRun } from '../../../../api/bench.ts';
import { formatDuration, formatTime } from '../../data/format.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';
import { benchProgress } from './bench-progress.ts';

/** Exit codes of the bench, see `npm run bench -- --help`. */
const ENDINGS: Readonly<Record<string, string>> = {
  0: 'Finished with a valid report',
  1: 'The run is not valid',
  3: 'The machine was too busy for a verdict; run it again',
};

/** The progress and outcome of the run that was started here. */
export function BenchRunCard({ run, newest }: { run: BenchRun; newest: BenchReportView | undefined }) {
  if (run.state === 'none') return null;
  const isRunning = run.state === 'running';
  const progress = isRunning ? benchProgress(run.output) : undefined;
  const reasons = !isRunning && run.exitCode === 1 && newest !== undefined ? newest.invalid : [];
  return (
    <section class="card" aria-label="The bench started here">
      <h2>
        {isRunning && <span class="spinner" aria-hidden="true" />}{' '}
        {isRunning
          ? `Running since ${formatTime(run.startedAt)}`
          : `${ENDINGS[`${run.exitCode}`] ?? `Failed with exit code ${run.exitCode ?? 'unknown'}`}, after ${formatDuration(Date.parse(run.endedAt) - Date.parse(run.startedAt))}`}
      </h2>
      {progress !== undefined && (
        <p>
          <progress class="bench-progress" max={1} value={progress.share} aria-label="Progress of the bench" />{' '}
          {progress.text}
        </p>
      )}
      {reasons.length > 0 && (
        <ul class="form-error">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <details open={!isRunning && run.exitCode !== 0}>
        <summary>Output</summary>
        <ScrollRegion label="Output">
          <pre class="dump">{run.output.slice(-40).join('\n') || 'No output yet.'}</pre>
        </ScrollRegion>
      </details>
    </section>
  );
}
