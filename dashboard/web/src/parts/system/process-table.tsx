import type { ConsumerView, ProcessView } from '../../../../../store/monitoring/system.ts';
import { formatCount, formatDecimal, formatDuration } from '../../data/format.ts';
import { Notice } from '../shell/notice.tsx';
import { ScrollRegion } from '../shell/scroll-region.tsx';

export interface ProcessTableProps {
  readonly consumers: readonly ConsumerView[];
  readonly edges: readonly ProcessView[];
  /** When these values were read, in milliseconds since 1970. */
  readonly readAt: number;
}

/** Consumers and edges with their latest heartbeats. */
export function ProcessTable({ consumers, edges, readAt }: ProcessTableProps) {
  const rows = [
    ...consumers.map((one) => ({ ...one, role: 'Consumer' })),
    ...edges.map((one) => ({ ...one, role: 'Edge', pending: undefined })),
  ];
  if (rows.length === 0) {
    return (
      <Notice kind="empty" title="No consumers or edges are running">
        Without an edge, no votes are accepted; without a consumer, votes wait in the streams.
      </Notice>
    );
  }
  return (
    <ScrollRegion label="Consumers and edges, table">
      <table>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Heartbeat</th>
            <th scope="col">Up for</th>
            <th scope="col" class="number">
              Pending
            </th>
            <th scope="col">Details</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.role} ${row.name}`}>
              <th scope="row" class="mono nowrap">
                {row.name}
              </th>
              <td>{row.role}</td>
              <td>
                <span class={`pulse ${row.alive ? 'good' : 'bad'}`}>
                  {row.alive ? 'alive' : 'silent'}, {formatDecimal(row.ageMs / 1000)} s ago
                </span>
              </td>
              <td class="nowrap">
                {/* The uptime of a silent process ends with its last heartbeat. */}
                {formatDuration(readAt - (row.alive ? 0 : row.ageMs) - Date.parse(row.startedAt))}
              </td>
              <td class="number">
                {row.pending === undefined
                  ? '–'
                  : formatCount(Object.values(row.pending).reduce((sum, count) => sum + count, 0))}
              </td>
              <td class="says">
                {Object.entries(row.details).map(([name, value]) => (
                  <span key={name} class="attribute">
                    <span class="muted">{wordsOf(name)}</span>{' '}
                    {typeof value === 'number' && name !== 'pid' ? formatCount(value) : String(value)}
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** `acceptedHttp` as `accepted http`. */
function wordsOf(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
