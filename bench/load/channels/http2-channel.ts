import type { Transport } from '../job.ts';
import type { RequestPool } from '../pool.ts';
import type { Target } from '../target.ts';
import { type Channel, lost, type OnReply } from './channel.ts';
import { Http2Connection, type StreamHandler } from './http2-connection.ts';
import { readConnectReply, readGrpcReply, readHttpReply } from './replies.ts';
import { contentLengthField, type Field } from './request-blocks.ts';

/** The differences between the three protocols that send one request per stream. */
interface Protocol {
  readonly path: (batch: boolean) => string;
  readonly headers: (pool: RequestPool) => readonly Field[];
  /** Plain HTTP clients send Content-Length; gRPC clients do not. */
  readonly contentLength: boolean;
}

const rpcPath = (batch: boolean) => `/votewire.v1.VoteService/${batch ? 'CastVotes' : 'CastVote'}`;

const PROTOCOLS: Record<Exclude<Transport, 'http1'>, Protocol> = {
  http2: {
    path: () => '/v1/votes',
    headers: ({ contentType }) => [{ name: 'content-type', value: contentType }],
    contentLength: true,
  },
  connect: {
    path: rpcPath,
    headers: () => [
      { name: 'content-type', value: 'application/proto' },
      { name: 'connect-protocol-version', value: '1' },
    ],
    contentLength: true,
  },
  grpc: {
    path: rpcPath,
    headers: () => [
      { name: 'te', value: 'trailers' },
      { name: 'content-type', value: 'application/grpc' },
    ],
    contentLength: false,
  },
};

/** The fields of a request's header block, pseudo-headers first. */
export function requestFields(target: Target, path: string, headers: readonly Field[]): Field[] {
  return [
    { name: ':method', value: 'POST' },
    { name: ':scheme', value: 'http' },
    { name: ':path', value: path },
    { name: ':authority', value: `${target.host}:${target.port}` },
    { name: 'user-agent', value: 'votewire-bench' },
    ...headers,
  ];
}

/**
 * One HTTP/2 connection with up to `streams` requests in flight: plain HTTP, Connect or gRPC. After the server closes
 * it or sends GOAWAY, the next request opens a new connection.
 */
export class Http2Channel implements Channel {
  readonly capacity: number;
  readonly #setup: ChannelSetup;
  /** The last connection is in use; earlier ones may still receive answers. */
  readonly #connections: [Http2Connection, ...Http2Connection[]];
  #reopening: Promise<void> | undefined;
  #closed = false;
  readonly #protocol: Protocol;
  readonly #transport: Exclude<Transport, 'http1'>;
  readonly #pool: RequestPool;
  readonly #onReply: OnReply;
  readonly #lengths = new Map<number, Buffer>();

  private constructor(connection: Http2Connection, setup: ChannelSetup) {
    this.#setup = setup;
    this.#connections = [connection];
    this.#transport = setup.transport;
    this.#protocol = PROTOCOLS[setup.transport];
    this.#pool = setup.pool;
    this.#onReply = setup.onReply;
    this.capacity = Math.min(setup.streams, connection.maxConcurrentStreams);
  }

  static async open(setup: ChannelSetup): Promise<Http2Channel> {
    return new Http2Channel(await openConnection(setup), setup);
  }

  get bytesIn() {
    return this.#connections.reduce((sum, { bytesIn }) => sum + bytesIn, 0);
  }

  get bytesOut() {
    return this.#connections.reduce((sum, { bytesOut }) => sum + bytesOut, 0);
  }

  send(index: number, token: number) {
    const connection = this.#connections.at(-1) as Http2Connection;
    if (connection.usable) {
      this.#request(connection, index, token);
      return;
    }
    this.#reopening ??= this.#reopen();
    this.#reopening.then(
      () => this.send(index, token),
      (error: Error) => this.#onReply(token, lost(this.#pool.votesPerRequest, error.message)),
    );
  }

  close() {
    this.#closed = true;
    for (const connection of this.#connections) connection.close();
  }

  async #reopen() {
    try {
      if (this.#closed) throw new Error('the run has ended');
      const connection = await openConnection(this.#setup);
      this.#connections.push(connection);
      if (this.#closed) connection.close();
    } finally {
      this.#reopening = undefined;
    }
  }

  #request(connection: Http2Connection, index: number, token: number) {
    const body = this.#pool.bodies[index] ?? Buffer.alloc(0);
    const handler = new PendingReply(token, this.#onWhole);
    if (!this.#protocol.contentLength) connection.request(handler, body, { end: true });
    else connection.request(handler, body, { end: true, extra: this.#lengthField(body.length) });
  }

  readonly #onWhole = ({ token, status, grpcStatus, data }: PendingReply, reset: string | undefined) => {
    const { votesPerRequest, batch } = this.#pool;
    if (reset !== undefined) this.#onReply(token, lost(votesPerRequest, reset));
    else if (this.#transport === 'http2') this.#onReply(token, readHttpReply(status, data, votesPerRequest, batch));
    else if (this.#transport === 'connect') {
      this.#onReply(token, readConnectReply(status, data, votesPerRequest, batch));
    } else this.#onReply(token, readGrpcReply(grpcStatus, data, votesPerRequest, batch));
  };

  #lengthField(length: number): Buffer {
    let field = this.#lengths.get(length);
    if (field === undefined) {
      field = contentLengthField(length);
      this.#lengths.set(length, field);
    }
    return field;
  }
}

function openConnection({ target, transport, pool }: ChannelSetup): Promise<Http2Connection> {
  const { path, headers } = PROTOCOLS[transport];
  return Http2Connection.open(target, requestFields(target, path(pool.batch), headers(pool)));
}

/** A reply in progress. */
class PendingReply implements StreamHandler {
  readonly token: number;
  status = 0;
  grpcStatus: string | undefined;
  data: Buffer = EMPTY;
  readonly #onWhole: (reply: PendingReply, reset: string | undefined) => void;

  constructor(token: number, onWhole: (reply: PendingReply, reset: string | undefined) => void) {
    this.token = token;
    this.#onWhole = onWhole;
  }

  onHeaders(fields: readonly Field[]) {
    for (const { name, value } of fields) {
      if (name === ':status') this.status = Number(value);
      else if (name === 'grpc-status') this.grpcStatus = value;
    }
  }

  onData(bytes: Buffer) {
    this.data = this.data.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.data, bytes]);
  }

  onEnd(reset: string | undefined) {
    this.#onWhole(this, reset);
  }
}

const EMPTY = Buffer.alloc(0);

export interface ChannelSetup {
  readonly target: Target;
  readonly transport: Exclude<Transport, 'http1'>;
  readonly streams: number;
  readonly pool: RequestPool;
  readonly onReply: OnReply;
}
