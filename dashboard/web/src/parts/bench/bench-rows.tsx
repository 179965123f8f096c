import type { BenchRowView } from '../../../../api/bench.ts';
import { formatCount, formatDecimal, plural } from '../../data/format.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';

const TRANSPORTS: Readonly<Record<string, string>> = {
  http1: 'HTTP/1.1',
  http2: 'HTTP/2',
  grpc: 'gRPC',
  connect: 'Connect',
};

/** The rows of a report, grouped by workload; each group has its own scale. */
export function BenchRows({ rows, title }: { rows: readonly BenchRowView[]; title: string }) {
  return (
    <ScrollRegion label={`Rows of the report of ${title}`}>
      <table class="bench-table">
        <thead>
          <tr>
            <th scope="col">Transport</th>
            <th scope="col" colSpan={2}>
              CPU-s per million votes, 95 % interval
            </th>
            <th scope="col" class="number">
              Votes/s
            </th>
            <th scope="col" class="number">
              p99 ms
            </th>
          </tr>
        </thead>
        {[...groupRows(rows)].map(([name, group]) => (
          <tbody key={name}>
            <tr>
              <th class="bench-group" scope="rowgroup" colSpan={5}>
                {name}
              </th>
            </tr>
            {group.map((row) => (
              <BenchRow key={row.id} row={row} most={mostOf(group)} />
            ))}
          </tbody>
        ))}
      </table>
    </ScrollRegion>
  );
}

/** A one-line label of a row, for lists with rows of several groups. */
export function rowLabel(row: BenchRowView): string {
  const about = [row.codec, row.runtime, row.rung === 'edge' ? '' : row.rung].filter((text) => text !== '');
  return `${TRANSPORTS[row.transport] ?? row.transport} ${about.join(', ')}: ${groupName(row)}`;
}

function BenchRow({ row, most }: { row: BenchRowView; most: number }) {
  const { median, low, high } = row.cpuSecondsPerMillion;
  const about = [row.codec, row.runtime, row.rung === 'edge' ? '' : row.rung].filter((text) => text !== '');
  return (
    <tr class={row.valid ? '' : 'is-invalid'}>
      <th scope="row">
        {TRANSPORTS[row.transport] ?? row.transport} <span class="muted">{about.join(', ')}</span>
        {!row.valid && <span class="chip invalid">Invalid</span>}
      </th>
      <td class="number">{figure(median)}</td>
      <td class="bench-bar">
        <span class={`bench-track ${row.transport}`}>
          <span class="visually-hidden">
            {figure(low)} to {figure(high)}
          </span>
          <span class="bench-fill" style={{ width: `${(100 * median) / most}%` }} />
          <span
            class="bench-interval"
            style={{ left: `${(100 * low) / most}%`, width: `${(100 * Math.max(0, high - low)) / most}%` }}
          />
        </span>
      </td>
      <td class="number">{formatCount(row.throughput)}</td>
      <td class="number">{row.p99Ms === null ? '–' : formatDecimal(row.p99Ms)}</td>
    </tr>
  );
}

/** Rows by workload, cheapest first. */
function groupRows(rows: readonly BenchRowView[]): Map<string, BenchRowView[]> {
  const groups = new Map<string, BenchRowView[]>();
  const sorted = [...rows].sort((a, b) => a.cpuSecondsPerMillion.median - b.cpuSecondsPerMillion.median);
  for (const row of sorted) {
    const name = groupName(row);
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return groups;
}

function groupName(row: BenchRowView): string {
  const load = /^\d+$/.test(row.load) ? `at ${formatCount(Number(row.load))} votes/s` : 'at full speed';
  return `${row.mode.replace('-', ' of ')}, ${plural(row.connections, 'connection')}, ${load}`;
}

function mostOf(rows: readonly BenchRowView[]): number {
  const highest = rows.map(({ cpuSecondsPerMillion: { median, high } }) => Math.max(median, high));
  return Math.max(0.001, ...highest);
}

/** Formats a cost; costs range from hundredths to hundreds. */
export function figure(value: number): string {
  return value < 10 ? value.toFixed(2) : formatDecimal(value);
}
