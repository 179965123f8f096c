import { amount } from '../report/format.ts';
import type { CodecCost, Row } from '../report/report.ts';
import { RUNTIMES } from './baseline-variants.ts';
import type { EdgeMemory, WholeSystem } from './whole-system.ts';

/** A speed target and whether it was met. */
export interface SpeedTarget {
  readonly name: string;
  readonly required: string;
  readonly measured: string;
  /** Null: not measured in this run. */
  readonly held: boolean | null;
}

export interface BaselineResults {
  readonly rows: readonly Row[];
  readonly codecs: readonly CodecCost[];
  readonly whole: WholeSystem | null;
  readonly memory: EdgeMemory | null;
}

/** Every target, judged by the measurements. Ratios compare servers of the same run on the same core. */
export function judgeTargets({ rows, codecs, whole, memory }: BaselineResults): SpeedTarget[] {
  const cpu = (pick: (row: Row) => boolean) => rows.find((row) => row.valid && pick(row))?.cpuSecondsPerMillion?.median;
  const single = (transport: Row['transport'], load: Row['load']) => (rung: Row['rung'], runtime: Row['runtime']) =>
    cpu(
      (row) =>
        row.mode === 'single' &&
        row.transport === transport &&
        row.rung === rung &&
        row.runtime === runtime &&
        row.load === load,
    );
  const http = single('http1', 'closed');
  const grpc = single('grpc', 'closed');
  const pacedHttp = single('http1', 'paced');
  const pacedGrpc = single('grpc', 'paced');
  const goHttp = http('peer', 'go');
  const goGrpc = grpc('peer', 'go');
  const fastest = Math.min(http('edge', 'bun') ?? Number.NaN, http('edge', 'deno') ?? Number.NaN);
  const streams = rows.flatMap((row) =>
    row.valid && row.mode.startsWith('stream') ? (row.cpuSecondsPerMillion?.median ?? []) : [],
  );
  return [
    ...RUNTIMES.flatMap((runtime) =>
      ratioTargets(
        `HTTP + WASM single votes, ${runtime}`,
        http('edge', runtime),
        { busy: http('framework', runtime), paced: pacedHttp('framework', runtime) },
        { limit: 1.15, beside: 'a bare Hono route there' },
      ),
    ),
    ...ratioTargets(
      'HTTP + WASM single votes, node, best way in',
      http('edge', 'node'),
      { busy: http('bare', 'node'), paced: pacedHttp('bare', 'node') },
      { limit: 1.2, beside: 'bare node:http' },
    ),
    atMost('HTTP + WASM single votes, best of bun and deno', fastest, 19),
    besidePeer('HTTP + WASM single votes, node, beside Go net/http + XADD', http('edge', 'node'), goHttp),
    ...ratioTargets(
      'gRPC unary, node',
      grpc('edge', 'node'),
      { busy: grpc('bare', 'node'), paced: pacedGrpc('bare', 'node') },
      { limit: 1.25, beside: 'bare node:http2' },
    ),
    besidePeer('gRPC unary, node, below grpc-go + XADD', grpc('edge', 'node'), goGrpc),
    atMost(
      'NDJSON batches of 500',
      cpu((row) => row.mode === 'batch-500'),
      0.6,
    ),
    atMost('StreamVotes, best size of message', streams.length > 0 ? Math.min(...streams) : undefined, 1.2),
    ...codecTargets(codecs),
    {
      name: 'RSS of one edge after 10 million votes',
      required: 'at most 160 MB',
      measured: memory
        ? `${amount(memory.rssBytes / 1e6)} MB after ${amount(memory.votes / 1e6)} million, ${amount(memory.rssBytesHalfway / 1e6)} MB halfway`
        : 'not measured',
      held: memory && memory.votes >= 10e6 ? memory.rssBytes <= 160e6 : null,
    },
    {
      name: 'whole system, one vote per voter, batches: counted and logged (SQLite)',
      required: 'at least 150,000 votes/s',
      measured: whole ? `${amount(whole.votesPerSecond)} votes/s` : 'not measured',
      held: whole ? whole.votesPerSecond >= 150_000 : null,
    },
  ];
}

function codecTargets(costs: readonly CodecCost[]): SpeedTarget[] {
  const rate = (codec: CodecCost['codec'], work: string) => {
    const cost = costs.find((one) => one.codec === codec && one.work === work);
    return cost && 1e9 / cost.nanosecondsPerVote.median;
  };
  const target = (
    name: string,
    wasm: number | undefined,
    typescript: number | undefined,
    millions: number,
  ): SpeedTarget => ({
    name: `WASM codec, ${name}`,
    required: `at least ${millions} million votes/s and 4 x the TypeScript codec`,
    measured:
      wasm === undefined || typescript === undefined
        ? 'not measured'
        : `${amount(wasm / 1e6)} million, ${amount(wasm / typescript)} x`,
    held: wasm === undefined || typescript === undefined ? null : wasm >= millions * 1e6 && wasm >= 4 * typescript,
  });
  return [
    target('single', rate('wasm', 'JSON'), rate('typescript', 'JSON'), 5),
    target('NDJSON', rate('wasm', 'NDJSON of 500'), rate('typescript', 'NDJSON of 500'), 8),
  ];
}

/** A busy server costs less per request than one that waits now and then, so both ratios are reported. */
function ratioTargets(
  name: string,
  value: number | undefined,
  base: { readonly busy: number | undefined; readonly paced: number | undefined },
  { limit, beside }: { limit: number; beside: string },
): SpeedTarget[] {
  const paced = ratioTarget(name, value, base.paced, { limit, beside: `${beside} at the edge's rate` });
  return base.busy === undefined
    ? [paced]
    : [ratioTarget(name, value, base.busy, { limit, beside: `${beside}, saturated` }), paced];
}

function ratioTarget(
  name: string,
  value: number | undefined,
  base: number | undefined,
  { limit, beside }: { limit: number; beside: string },
): SpeedTarget {
  const required = `at most ${limit} x ${beside}`;
  if (value === undefined || base === undefined) return { name, required, measured: 'not measured', held: null };
  const measured = `${amount(value)} = ${amount(value / base)} x ${amount(base)}`;
  return { name, required, measured, held: value <= limit * base };
}

function atMost(name: string, value: number | undefined, limit: number): SpeedTarget {
  const known = value !== undefined && Number.isFinite(value);
  return {
    name,
    required: `at most ${limit}`,
    measured: known ? amount(value) : 'not measured',
    held: known ? value <= limit : null,
  };
}

function besidePeer(name: string, value: number | undefined, peer: number | undefined): SpeedTarget {
  const known = value !== undefined && peer !== undefined;
  return {
    name,
    required: 'below it',
    measured: known ? `${amount(value)} : ${amount(peer)}` : 'not measured',
    held: known ? value < peer : null,
  };
}
