import type { BenchEffectView } from '../../../../api/bench.ts';
import { ScrollRegion } from '../shell/scroll-region.tsx';

const FACTORS: Readonly<Record<string, string>> = {
  path: 'HTTP or gRPC',
  server: 'The server',
  transport: 'The transport alone',
  encoding: 'JSON or protobuf',
  codec: 'The codec',
  shape: 'Votes per request',
  reading: 'Reading and checking votes',
};

/** Explains why a transport costs more, by pairs of rows that differ in one respect. */
export function BenchEffects({ effects, title }: { effects: readonly BenchEffectView[]; title: string }) {
  if (effects.length === 0) return null;
  return (
    <details class="behind">
      <summary>What changes the cost</summary>
      <p class="muted small">Each line compares two measurements that differ in one respect, window by window.</p>
      <ScrollRegion label={`What changes the cost, report of ${title}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">What differs</th>
              <th scope="col">Measured in</th>
              <th scope="col">From</th>
              <th scope="col">To</th>
              <th scope="col" class="number">
                CPU, 95 % interval
              </th>
            </tr>
          </thead>
          <tbody>
            {effects.map(({ factor, work, from, to, ratio }) => (
              <tr key={`${factor} ${work} ${from} ${to}`}>
                <th scope="row">{FACTORS[factor] ?? factor}</th>
                <td>{work}</td>
                <td>{from}</td>
                <td>{to}</td>
                <td class="number">
                  <strong>× {ratio.median.toFixed(2)}</strong> ({ratio.low.toFixed(2)} to {ratio.high.toFixed(2)})
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </details>
  );
}
