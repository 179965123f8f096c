import type { BenchRowView } from '../../../api.ts';
import { formatCount, formatDecimal } from '../data/format.ts';
import { ScrollRegion } from './scroll-region.tsx';

const COLOURS: Readonly<Record<string, string>> = { grpc: 'var(--wire-grpc)', connect: 'var(--wire-connect)' };

/** A report's rows: a bar with its interval, and the figures. */
export function BenchRows({ rows, title }: { rows: readonly BenchRowView[]; title: string }) {
  const most = Math.max(
    0.001,
    ...rows.map((row) => Math.max(row.cpuSecondsPerMillion.high, row.cpuSecondsPerMillion.median)),
  );
  const sorted = [...rows].sort((a, b) => a.cpuSecondsPerMillion.median - b.cpuSecondsPerMillion.median);
  return (
    <ScrollRegion label={`Rows of the report of ${title}`}>
      <table class="bench-table">
        <thead>
          <tr>
            <th scope="col">Path</th>
            <th scope="col">Mode</th>
            <th scope="col" class="number">
              Connections
            </th>
            <th scope="col" colSpan={2}>
              CPU-s per million (95 % interval)
            </th>
            <th scope="col" class="number">
              Votes/s
            </th>
            <th scope="col" class="number">
              p99 ms
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((row) => {
            const { median, low, high } = row.cpuSecondsPerMillion;
            const colour = Object.entries(COLOURS).find(([name]) => row.transport.toLowerCase().includes(name))?.[1];
            return (
              <tr
                key={JSON.stringify([row.transport, row.codec, row.runtime, row.mode, row.connections])}
                class={row.valid ? '' : 'is-invalid'}
              >
                <th scope="row">
                  {row.transport}{' '}
                  <span class="muted">{[row.codec, row.runtime].filter((text) => text !== '').join(', ')}</span>
                  {!row.valid && <span class="chip invalid">Invalid</span>}
                </th>
                <td>{row.mode}</td>
                <td class="number">{row.connections}</td>
                <td class="number">{formatDecimal(median)}</td>
                <td class="bench-bar">
                  <span class="bench-track" style={{ '--option': colour ?? 'var(--wire-http)' }}>
                    <span class="visually-hidden">
                      {formatDecimal(low)} to {formatDecimal(high)}
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
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
