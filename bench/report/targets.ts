import { amount } from './output/format.ts';
import type { Row, TargetResult } from './report.ts';

type RowFilter = (row: Row) => boolean;

interface Target {
  readonly name: string;
  readonly row: RowFilter;
  /** At most this much CPU per vote: CPU-seconds per million, or a multiple of another row. */
  readonly limit: number;
  readonly beside?: { readonly name: string; readonly row: RowFilter };
}

const inBlock =
  (block: string, pick: (row: Row) => boolean = () => true) =>
  (row: Row) =>
    row.scenario === block && pick(row);
const edgeOn = (block: string, runtime: Row['runtime'] = 'node') =>
  inBlock(block, (row) => row.rung === 'edge' && row.runtime === runtime);
const peer = (block: string, runtime: Row['runtime']) =>
  inBlock(block, (row) => row.rung === 'peer' && row.runtime === runtime);

/** The budgets that the design sets. */
const TARGETS: readonly Target[] = [
  {
    name: 'gRPC unary, 4 x 32',
    row: edgeOn('others-grpc'),
    limit: 0.25,
    beside: { name: 'grpc-go', row: peer('others-grpc', 'go') },
  },
  {
    name: 'HTTP/1.1 single votes on Node, 64 x 1',
    row: edgeOn('others-http1'),
    limit: 0.45,
    beside: { name: 'Go net/http', row: peer('others-http1', 'go') },
  },
  {
    name: 'HTTP/1.1 single votes on Node, 64 x 1',
    row: edgeOn('others-http1'),
    limit: 1.05,
    beside: { name: 'axum', row: peer('others-http1', 'rust') },
  },
  {
    name: 'HTTP/2 single votes, 4 x 32',
    row: inBlock('single-128', ({ transport, encoding }) => transport === 'http2' && encoding === 'json'),
    limit: 8,
  },
  { name: 'NDJSON batches of 1,000', row: inBlock('batch-1000', ({ transport }) => transport === 'http1'), limit: 0.3 },
  {
    name: 'StreamVotes, one vote per message',
    row: inBlock('shape-grpc', ({ mode }) => mode === 'stream-1'),
    limit: 1,
  },
];

export function judgeTargets(rows: readonly Row[]): TargetResult[] {
  const cpuOf = (pick: RowFilter) => rows.find((row) => row.valid && pick(row))?.cpuSecondsPerMillion?.median;
  return TARGETS.map(({ name, row, limit, beside }) => {
    const required = beside ? `at most ${limit} x ${beside.name}` : `at most ${limit} CPU-s per million`;
    const own = cpuOf(row);
    const base = beside ? cpuOf(beside.row) : 1;
    if (own === undefined || base === undefined) return { name, required, measured: 'not measured', met: null };
    const measured = beside ? `${amount(own)} = ${amount(own / base)} x ${amount(base)}` : amount(own);
    return { name, required, measured, met: own <= limit * base };
  });
}
