import { difference } from '../../statistics/difference.ts';
import { amount, range } from '../format.ts';
import type { Row, VerdictLine } from '../report.ts';
import { describeWork, sameWork } from './path-pairs.ts';

/**
 * Of an edge elsewhere the CPU is out of sight. What can be told is how many votes a second each path got through with
 * the same work in flight: over this network, from this driver.
 */
export function remoteLines(rows: readonly Row[]): VerdictLine[] {
  const usable = rows.filter(
    ({ valid, load, rung, rounds }) => valid && load === 'closed' && rung === 'edge' && rounds.length > 1,
  );
  const pairs = usable
    .filter(({ transport, codec }) => transport === 'http1' && codec === 'wasm')
    .flatMap((http) => {
      const grpc = usable.find((row) => row.transport === 'grpc' && row.codec === 'typescript' && sameWork(row, http));
      if (grpc === undefined) return [];
      return [{ http, grpc, fewer: difference(http.throughputInterval, grpc.throughputInterval).lower }];
    });
  if (pairs.length === 0) return [];
  const won = (fewer: 'a' | 'b' | 'none') => pairs.filter((pair) => pair.fewer === fewer).length;
  const headline = `Votes a second with the same work in flight, ${pairs.length} comparisons: HTTP + WASM more in ${won('b')}, gRPC more in ${won('a')}, no difference in ${won('none')}.`;
  return [
    { kind: 'headline', text: headline, rows: pairs.flatMap(({ http, grpc }) => [http.id, grpc.id]) },
    ...pairs.map(({ http, grpc, fewer }): VerdictLine => {
      const told = { a: 'gRPC takes more', b: 'HTTP + WASM takes more', none: 'no difference' }[fewer];
      const text = `${describeWork({ http, grpc })}: ${told}: HTTP + WASM ${rateText(http)}, gRPC ${rateText(grpc)} votes/s.`;
      return { kind: 'path', text, rows: [http.id, grpc.id] };
    }),
  ];
}

function rateText({ throughputInterval: { median, low, high } }: Row): string {
  return `${amount(median)} (${range(low, high)})`;
}
