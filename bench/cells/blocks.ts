import { type Cell, type CellSettings, makeCell } from './cell.ts';

/**
 * Cells that run at the same time and are measured alternately, so that their ratios exclude the drift of the machine.
 */
export interface Block {
  readonly name: string;
  readonly question: string;
  readonly cells: readonly Cell[];
  /** Minimum number of passes, each on new processes. */
  readonly passes: number;
  /** Windows of each cell in a pass. */
  readonly windows: number;
}

/** For effects of a few percent. Starting a session takes as long as three windows, so a session has more of them. */
const close = blockMaker({ passes: 2, windows: 6 });
/** For effects of tens of percent. */
const far = blockMaker({ passes: 2, windows: 3 });
/** For rows of latency only; no effect is derived from them. */
const rowsAlone = blockMaker({ passes: 1, windows: 3 });

function blockMaker(effort: Pick<Block, 'passes' | 'windows'>) {
  return (name: string, question: string, ...cells: CellSettings[]): Block => ({
    name,
    question,
    ...effort,
    cells: cells.map((settings) => makeCell(name, settings)),
  });
}

const HTTP1 = { transport: 'http1', connections: 64 } as const;
const GRPC = { transport: 'grpc', connections: 64 } as const;
/** Few connections with many requests on each, as gRPC clients and proxies use them. */
const MULTIPLEXED = { connections: 4, streams: 32 } as const;
/** As many votes in flight as MULTIPLEXED, for a transport that carries one request per connection. */
const HTTP1_128 = { transport: 'http1', connections: 128 } as const;
const batchOf = (size: number) => ({ connections: 8, shape: { kind: 'batch', size } }) as const;
const TYPESCRIPT = { codec: 'typescript' } as const;
const PROTOBUF = { encoding: 'protobuf' } as const;

/** Everything that `npm run bench` measures, from which `effects.ts` derives effects. */
const BLOCKS: readonly Block[] = [
  far(
    'server-http1',
    'HTTP/1.1 servers that store nothing',
    { ...HTTP1, server: 'framework' },
    { ...HTTP1, server: 'bare' },
    { ...HTTP1, server: 'socket' },
    { ...HTTP1, ...batchOf(100), server: 'socket' },
  ),
  far(
    'server-grpc',
    'gRPC servers that store nothing',
    { ...GRPC, ...MULTIPLEXED, server: 'connect' },
    { ...GRPC, ...MULTIPLEXED, server: 'grpc-js' },
    { ...GRPC, ...MULTIPLEXED, server: 'bare' },
    { ...GRPC, ...MULTIPLEXED, server: 'http2-core' },
  ),
  far(
    'ingress-http1',
    'The edge through Hono and beside it',
    { ...HTTP1, server: 'edge-framework' },
    { ...HTTP1, server: 'edge' },
  ),
  far(
    'ingress-grpc',
    "The edge through Connect's router and beside it",
    { ...GRPC, ...MULTIPLEXED, server: 'edge-framework' },
    { ...GRPC, ...MULTIPLEXED, server: 'edge' },
  ),
  close(
    'single-64x1',
    'Path, codec, encoding and transport: 64 connections, one vote in flight on each',
    HTTP1,
    { ...HTTP1, ...TYPESCRIPT },
    { ...HTTP1, ...PROTOBUF },
    { transport: 'http2', connections: 64, ...PROTOBUF },
    GRPC,
    { ...GRPC, ...TYPESCRIPT },
  ),
  close(
    'single-128',
    'Path, transport and encoding: 128 votes in flight, as clients of each protocol send them',
    HTTP1_128,
    { ...GRPC, ...MULTIPLEXED },
    { transport: 'connect', ...MULTIPLEXED },
    { transport: 'http2', ...MULTIPLEXED, ...PROTOBUF },
    { transport: 'http2', ...MULTIPLEXED },
  ),
  close(
    'single-1x1',
    'Path: one connection, one vote in flight',
    { ...HTTP1, connections: 1 },
    { ...GRPC, connections: 1 },
  ),
  close('batch-10', 'Path: batches of 10', { ...HTTP1, ...batchOf(10) }, { ...GRPC, ...batchOf(10) }),
  close(
    'batch-100',
    'Path, codec and encoding: batches of 100',
    { ...HTTP1, ...batchOf(100) },
    { ...HTTP1, ...batchOf(100), ...TYPESCRIPT },
    { ...HTTP1, ...batchOf(100), ...PROTOBUF },
    { ...GRPC, ...batchOf(100) },
  ),
  close('batch-1000', 'Path: batches of 1,000', { ...HTTP1, ...batchOf(1000) }, { ...GRPC, ...batchOf(1000) }),
  close(
    'one-per-voter',
    'Path: a contest with one vote per voter',
    { ...HTTP1, contest: 'cats-vs-dogs' },
    { ...GRPC, contest: 'cats-vs-dogs' },
  ),
  far('shape-http1', 'Concurrency and batching over HTTP/1.1', { ...HTTP1, connections: 8 }, HTTP1, {
    ...HTTP1,
    ...batchOf(100),
  }),
  far(
    'shape-grpc',
    'Concurrency, batching and streams over gRPC',
    { ...GRPC, connections: 8 },
    { ...GRPC, ...batchOf(100) },
    { ...GRPC, connections: 4, streams: 256, shape: { kind: 'stream', size: 1 } },
    { ...GRPC, connections: 4, streams: 16, shape: { kind: 'stream', size: 100 } },
  ),
  far(
    'others-http1',
    'HTTP/1.1 on other runtimes and by other languages',
    HTTP1,
    { ...HTTP1, runtime: 'bun' },
    { ...HTTP1, runtime: 'deno' },
    { ...HTTP1, server: 'peer', runtime: 'go', codec: 'own' },
    { ...HTTP1, server: 'peer', runtime: 'rust', codec: 'own' },
  ),
  far(
    'others-grpc',
    'gRPC on other runtimes and by other languages',
    { ...GRPC, ...MULTIPLEXED },
    { ...GRPC, ...MULTIPLEXED, runtime: 'bun' },
    { ...GRPC, ...MULTIPLEXED, runtime: 'deno' },
    { ...GRPC, ...MULTIPLEXED, server: 'peer', runtime: 'go', codec: 'own' },
    { ...GRPC, ...MULTIPLEXED, server: 'peer', runtime: 'rust', codec: 'own' },
  ),
  far(
    'others-grpc-64x1',
    'gRPC with one vote in flight per connection, by other languages',
    GRPC,
    { ...GRPC, server: 'peer', runtime: 'go', codec: 'own' },
    { ...GRPC, server: 'peer', runtime: 'rust', codec: 'own' },
  ),
  ...[1000, 10_000].map((requestsPerSecond) =>
    far(
      `rate-${requestsPerSecond}`,
      `Latency at ${requestsPerSecond.toLocaleString('en')} votes/s`,
      { ...HTTP1, load: { kind: 'open', requestsPerSecond } },
      { ...GRPC, load: { kind: 'open', requestsPerSecond } },
    ),
  ),
  ...[0.5, 0.8].map((factor) =>
    rowsAlone(
      `load-${factor * 100}`,
      `Latency at ${factor * 100} % of each path's own capacity`,
      { ...HTTP1, load: { kind: 'share', factor } },
      { ...GRPC, load: { kind: 'share', factor } },
    ),
  ),
  rowsAlone(
    'overload',
    'Twice the votes that the edge can take',
    { ...HTTP1, connections: 512, load: { kind: 'share', factor: 2 } },
    { ...GRPC, connections: 8, streams: 64, load: { kind: 'share', factor: 2 } },
  ),
];

export function allBlocks(): readonly Block[] {
  return BLOCKS;
}

/** The blocks that fit in a minute: both paths with single votes, with batches of 100, and at a fixed rate. */
export function quickBlocks(): Block[] {
  return ['single-64x1', 'batch-100', 'rate-1000'].flatMap((name) => {
    const block = BLOCKS.find((candidate) => candidate.name === name);
    const cells = block?.cells.filter(
      ({ transport, codec, encoding }) => codec === 'wasm' && (transport === 'grpc' || encoding === 'json'),
    );
    return block && cells ? [{ ...block, cells }] : [];
  });
}

/** The question of a block, or its name if this version of the bench does not have it. */
export function questionOf(name: string): string {
  return BLOCKS.find((block) => block.name === name)?.question ?? name;
}
