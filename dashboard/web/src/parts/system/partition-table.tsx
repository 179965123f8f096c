import type { PartitionView } from '../../../../../store/monitoring/system.ts';
import { formatCount, formatDuration } from '../../data/format.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';

/** The stream of each partition, and the progress of its two groups. */
export function PartitionTable({ partitions }: { partitions: readonly PartitionView[] }) {
  return (
    <ScrollRegion label="Partitions, table">
      <table>
        <thead>
          <tr>
            <th scope="col">Partition</th>
            <th scope="col" class="number">
              Entries
            </th>
            <th scope="col">Latest entry</th>
            <th scope="col" class="number">
              Tally lag
            </th>
            <th scope="col" class="number">
              Tally pending
            </th>
            <th scope="col" class="number">
              Log lag
            </th>
            <th scope="col" class="number">
              Log pending
            </th>
            <th scope="col" class="number">
              Dead
            </th>
          </tr>
        </thead>
        <tbody>
          {partitions.map(({ partition, length, newestAgeMs, groups, deadLetters }) => {
            const tally = groups.find(({ name }) => name === 'tally');
            const log = groups.find(({ name }) => name === 'log');
            return (
              <tr key={partition}>
                <th scope="row">p{partition}</th>
                <td class="number">{formatCount(length)}</td>
                <td class="nowrap">{newestAgeMs === null ? 'never' : `${formatDuration(newestAgeMs)} ago`}</td>
                <td class="number">{lag(tally?.lag)}</td>
                <td class="number">{formatCount(tally?.pending ?? 0)}</td>
                <td class="number">{lag(log?.lag)}</td>
                <td class="number">{formatCount(log?.pending ?? 0)}</td>
                <td class={deadLetters > 0 ? 'number bad-text' : 'number'}>{formatCount(deadLetters)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

/** null: Redis does not know the lag after a trim in the middle of the stream. */
function lag(value: number | null | undefined): string {
  return value === null ? 'unknown' : formatCount(value ?? 0);
}
