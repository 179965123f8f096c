import { useState } from 'preact/hooks';
import type { BenchReportView, BenchRowView } from '../../../../api/bench.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';
import { figure, rowLabel } from './bench-rows.tsx';
import { reportTitle } from './report-title.ts';

/** Compares the rows that two reports have in common. */
export function CompareReports({ reports }: { reports: readonly BenchReportView[] }) {
  const [left, setLeft] = useState(reports[1]?.id ?? '');
  const [right, setRight] = useState(reports[0]?.id ?? '');
  const find = (id: string) => reports.find((report) => report.id === id);
  const [before, after] = [find(left) ?? reports[1], find(right) ?? reports[0]];
  if (before === undefined || after === undefined) return null;
  const pairs = after.rows.flatMap((row) => {
    const other = before.rows.find(({ id }) => id === row.id);
    return other === undefined ? [] : [[other, row] as const];
  });
  const choice = (label: string, value: string, onChange: (id: string) => void) => (
    <label class="compare-choice">
      {label}
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {reports.map((report) => (
          <option key={report.id} value={report.id}>
            {reportTitle(report)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <details class="card report">
      <summary>
        <h2>Compare two runs</h2>
      </summary>
      <div class="row">
        {choice('Before', before.id, setLeft)}
        {choice('After', after.id, setRight)}
      </div>
      {pairs.length === 0 ? (
        <p class="muted">These reports have no row in common.</p>
      ) : (
        <ScrollRegion label="Two runs side by side">
          <table>
            <thead>
              <tr>
                <th scope="col">Row</th>
                <th scope="col" class="number">
                  Before
                </th>
                <th scope="col" class="number">
                  After
                </th>
                <th scope="col" class="number">
                  CPU-s per million
                </th>
              </tr>
            </thead>
            <tbody>
              {pairs.map(([a, b]) => (
                <tr key={b.id}>
                  <th scope="row">{rowLabel(b)}</th>
                  <td class="number">{figure(a.cpuSecondsPerMillion.median)}</td>
                  <td class="number">{figure(b.cpuSecondsPerMillion.median)}</td>
                  <td class="number">{difference(a, b)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </details>
  );
}

/** The difference in percent, if the intervals do not overlap. */
function difference(a: BenchRowView, b: BenchRowView): string {
  const [before, after] = [a.cpuSecondsPerMillion, b.cpuSecondsPerMillion];
  if (before.low <= after.high && after.low <= before.high) return 'no difference';
  const percent = 100 * (after.median / before.median - 1);
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent).toFixed(0)} %`;
}
