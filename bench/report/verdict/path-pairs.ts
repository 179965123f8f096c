import { type Difference, difference } from '../../statistics/difference.ts';
import type { Estimate } from '../../statistics/median.ts';
import type { Row } from '../report.ts';

/** One point of comparison: the same work over both paths. */
export interface PathPair {
  readonly http: Row;
  readonly grpc: Row;
  readonly cpu: Difference;
}

/** HTTP + WASM beside gRPC + TypeScript, wherever both were measured with the same work, as much as the edge takes. */
export function pathPairs(rows: readonly Row[]): PathPair[] {
  // One round has no interval, and so can't tell a difference from noise.
  const usable = rows.filter(
    (row) =>
      row.valid &&
      row.cpuSecondsPerMillion !== null &&
      row.load === 'closed' &&
      row.rung === 'edge' &&
      row.rounds.length > 1,
  );
  return usable
    .filter((row) => row.transport === 'http1' && row.codec === 'wasm')
    .flatMap((http) => {
      const grpc = usable.find((row) => row.transport === 'grpc' && row.codec === 'typescript' && sameWork(row, http));
      return grpc ? [{ http, grpc, cpu: cpuDifference(http, grpc) }] : [];
    });
}

/** As many requests in flight count, and not over how many connections: a protocol may be good at sharing one. */
export function sameWork(a: Row, b: Row): boolean {
  const work = (r: Row) => [r.runtime, r.mode, r.payload, r.contest, r.connections * r.streams].join();
  return work(a) === work(b);
}

/** `b` beside `a`, by the server's CPU; the ratio's interval comes from the rounds that both have. */
export function cpuDifference(a: Row, b: Row): Difference {
  const none: Estimate = { median: Number.NaN, low: Number.NaN, high: Number.NaN };
  const rounds = a.rounds.flatMap((round): [number, number][] => {
    const other = b.rounds.find((candidate) => candidate.round === round.round)?.cpuSecondsPerMillion;
    return round.cpuSecondsPerMillion !== null && other ? [[round.cpuSecondsPerMillion, other]] : [];
  });
  return difference(a.cpuSecondsPerMillion ?? none, b.cpuSecondsPerMillion ?? none, rounds);
}

const RUNTIMES = { node: 'Node', bun: 'Bun', deno: 'Deno', go: 'Go' } as const;

/** What the work was, for a person: `Node, batches of 100, 8 connections`, or `…, 128 in flight (gRPC: 4 connections)`. */
export function describeWork({ http, grpc }: Pick<PathPair, 'http' | 'grpc'>): string {
  const extra = [
    http.payload === 'attributes' ? 'with album, year and rank' : '',
    http.contest === 'bandas' ? '' : 'one vote per voter',
  ].filter(Boolean);
  const connections =
    http.connections === grpc.connections
      ? `${http.connections} connection${http.connections > 1 ? 's' : ''}`
      : `${http.connections * http.streams} in flight (gRPC: ${grpc.connections} connections)`;
  return [RUNTIMES[http.runtime], describeMode(http.mode), connections, ...extra].join(', ');
}

function describeMode(mode: string): string {
  const [kind, count] = mode.split('-');
  const size = Number(count).toLocaleString('en');
  if (kind === 'single') return 'single votes';
  return kind === 'batch' ? `batches of ${size}` : `a stream, ${size} a message`;
}
