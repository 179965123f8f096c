import type { Encoding, Load, Shape, Transport } from '../load/job.ts';

export type Runtime = 'node' | 'bun' | 'deno' | 'go' | 'rust';

/**
 * The server that answers the requests.
 *
 * - `edge`, `edge-framework`: the product with Redis and its consumer, INGRESS=direct and INGRESS=framework.
 * - `peer`: a server in another language, with one XADD per vote.
 * - The others answer without storing anything: `socket` (a fixed reply on a bare TCP socket), `bare` (the runtime's
 * own HTTP server), `framework` (Hono on @hono/node-server), `connect` (connect-node), `grpc-js`, `http2-core` (our own
 * HTTP/2 server).
 */
export type ServerKind =
  | 'edge'
  | 'edge-framework'
  | 'peer'
  | 'socket'
  | 'bare'
  | 'framework'
  | 'connect'
  | 'grpc-js'
  | 'http2-core';

/** `own`: the codec of a peer. `none`: the server does not read the vote. */
export type Codec = 'wasm' | 'typescript' | 'own' | 'none';

export type CellLoad =
  | Load
  /** An open loop at this share of the rate that the same processes reached at saturation just before. */
  | { readonly kind: 'share'; readonly factor: number };

/** One measured configuration: a server and its load. */
export interface Cell {
  /** Unique, and the same in every run, because reports are compared by it. */
  readonly id: string;
  /** Its block; cells of one block are measured within the same seconds. */
  readonly block: string;
  readonly server: ServerKind;
  readonly runtime: Runtime;
  readonly transport: Transport;
  readonly encoding: Encoding;
  readonly codec: Codec;
  readonly shape: Shape;
  readonly contest: 'bandas' | 'cats-vs-dogs';
  readonly connections: number;
  /** Requests in flight on each connection. */
  readonly streams: number;
  readonly load: CellLoad;
}

type Defaulted = 'server' | 'runtime' | 'encoding' | 'codec' | 'shape' | 'contest' | 'streams' | 'load';
export type CellSettings = Omit<Cell, 'id' | 'block' | Defaulted> & Partial<Pick<Cell, Defaulted>>;

/** Fills in defaults: the edge on Node with its default codec, single small votes. */
export function makeCell(block: string, settings: CellSettings): Cell {
  const overHttp = settings.transport === 'http1' || settings.transport === 'http2';
  const server = settings.server ?? 'edge';
  const cell = {
    block,
    server,
    runtime: 'node',
    encoding: overHttp ? 'json' : 'protobuf',
    codec: isEdge(server) ? 'wasm' : 'none',
    shape: { kind: 'single' },
    contest: 'bandas',
    streams: 1,
    load: { kind: 'closed' },
    ...settings,
  } as const;
  return { ...cell, id: cellId(cell) };
}

/** Whether the server stores votes, so that a run can be audited. */
export function isEdge(server: ServerKind): boolean {
  return server === 'edge' || server === 'edge-framework';
}

/** Whether the server stores votes in Redis; the other servers answer and discard them. */
export function storesVotes(server: ServerKind): boolean {
  return isEdge(server) || server === 'peer';
}

function cellId(cell: Omit<Cell, 'id'>): string {
  const { runtime, transport, codec, shape, load } = cell;
  const unusual = [
    cell.encoding === 'protobuf' && transport.startsWith('http') ? 'protobuf' : '',
    cell.contest === 'bandas' ? '' : cell.contest,
  ];
  const rate = load.kind === 'open' ? `${load.requestsPerSecond}ps` : load.kind === 'share' ? `load${load.factor}` : '';
  const parts = [runtime, transport, codec, modeOf(shape), ...unusual, `${cell.connections}x${cell.streams}`, rate];
  const id = [...parts, cell.server === 'edge' ? '' : cell.server].filter((part) => part !== '').join('-');
  return `${id}@${cell.block}`;
}

/** `single`, `batch-100`, `stream-1`. */
export function modeOf(shape: Shape): string {
  return shape.kind === 'single' ? 'single' : `${shape.kind}-${shape.size}`;
}

export function shapeOf(mode: string): Shape {
  const [kind, size] = mode.split('-');
  return kind === 'batch' || kind === 'stream' ? { kind, size: Number(size) } : { kind: 'single' };
}
