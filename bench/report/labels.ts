import type { CostRow, Factor, Row } from './report.ts';

const TRANSPORTS = { http1: 'HTTP/1.1', http2: 'HTTP/2', grpc: 'gRPC', connect: 'Connect' } as const;
const CODECS = { wasm: 'WASM codec', typescript: 'TypeScript codec', own: 'its own codec', none: 'no codec' } as const;
const RUNTIMES = { node: 'Node', bun: 'Bun', deno: 'Deno', go: 'Go', rust: 'Rust' } as const;

/** The names of the two levels of a factor. */
export function levelsOf(factor: Factor, from: CostRow, to: CostRow): [from: string, to: string] {
  const name: Record<Factor, (row: CostRow) => string> = {
    path: ({ transport }) => (transport === 'http1' ? 'HTTP + WASM' : 'gRPC'),
    server: serverName,
    transport: ({ transport }) => TRANSPORTS[transport],
    encoding: ({ encoding }) => (encoding === 'json' ? 'JSON' : 'protobuf'),
    codec: ({ codec }) => CODECS[codec],
    shape: shapeName,
    runtime: ({ runtime }) => RUNTIMES[runtime],
    language: serverName,
  };
  return [name[factor](from), name[factor](to)];
}

/** The server of a row: `Hono`, `node:http2`, `the edge`, `tonic`. */
function serverName({ rung, transport, runtime }: Pick<CostRow, 'rung' | 'transport' | 'runtime'>): string {
  const overGrpc = transport === 'grpc' || transport === 'connect';
  switch (rung) {
    case 'edge':
      return 'the edge';
    case 'edge-framework':
      return overGrpc ? "the edge through Connect's router" : 'the edge through Hono';
    case 'peer':
      if (runtime === 'rust') return overGrpc ? 'tonic' : 'axum';
      return overGrpc ? 'grpc-go' : 'Go net/http';
    case 'socket':
      return 'a bare socket';
    case 'bare':
      return overGrpc ? 'node:http2' : 'node:http';
    case 'framework':
      return 'Hono on @hono/node-server';
    case 'connect':
      return 'connect-node';
    case 'grpc-js':
      return '@grpc/grpc-js';
    case 'http2-core':
      return 'our HTTP/2 server';
  }
}

/** `64 x 1`, `batches of 100 on 8 connections`, `a stream of messages of 100`. */
function shapeName({ mode, connections, streams }: Pick<CostRow, 'mode' | 'connections' | 'streams'>): string {
  const [kind, count] = mode.split('-');
  const size = Number(count).toLocaleString('en');
  if (kind === 'batch') return `batches of ${size}, ${connections} x ${streams}`;
  if (kind === 'stream') return `StreamVotes, ${size} per message`;
  return `single votes, ${connections} x ${streams}`;
}

/** The work of a path comparison, the same on both sides. */
export function workName(http: Row, grpc: Row): string {
  const load =
    typeof http.load === 'number' ? ` at ${(http.load * votesPerRequest(http.mode)).toLocaleString('en')}/s` : '';
  const contest = http.contest === 'bandas' ? '' : ', one vote per voter';
  const connections =
    http.connections === grpc.connections
      ? `${http.connections} x ${http.streams}`
      : `${http.connections} x ${http.streams} and ${grpc.connections} x ${grpc.streams}`;
  const [work] = shapeName(http).split(', ');
  return `${work}${load}, ${connections}${contest}`;
}

/** Everything that distinguishes a row from the others of its block. */
export function rowName(row: Row): string {
  const load =
    row.load === 'closed' ? '' : typeof row.load === 'number' ? `${row.load.toLocaleString('en')}/s` : row.load;
  const parts = [
    `${TRANSPORTS[row.transport]}, ${row.encoding === 'json' ? 'JSON' : 'protobuf'}`,
    serverName(row) + (row.runtime === 'node' || row.rung === 'peer' ? '' : ` on ${RUNTIMES[row.runtime]}`),
    row.codec === 'none' || row.codec === 'own' ? '' : CODECS[row.codec],
    shapeName(row),
    row.contest === 'bandas' ? '' : 'one vote per voter',
    load,
  ];
  return parts.filter((part) => part !== '').join(' · ');
}

export function votesPerRequest(mode: string): number {
  return Number(mode.split('-')[1] ?? 1);
}
