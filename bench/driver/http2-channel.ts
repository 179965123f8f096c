import { type Channel, type OnReply, unsure } from './channel.ts';
import { contentLengthField, type Field } from './hpack.ts';
import { Http2Connection, type StreamHandler } from './http2-connection.ts';
import type { Transport } from './job.ts';
import type { RequestPool } from './pool.ts';
import { readConnectReply, readGrpcReply, readHttpReply } from './replies.ts';
import type { Target } from './target.ts';

/** What differs between the three protocols that send one request a stream. */
interface Protocol {
  readonly path: (batch: boolean) => string;
  readonly headers: (batch: boolean) => readonly Field[];
  /** Plain HTTP clients announce the length; gRPC clients do not. */
  readonly contentLength: boolean;
}

const rpcPath = (batch: boolean) => `/votewire.v1.VoteService/${batch ? 'CastVotes' : 'CastVote'}`;

const PROTOCOLS: Record<Exclude<Transport, 'http1'>, Protocol> = {
  http2: {
    path: () => '/v1/votes',
    headers: (batch) => [{ name: 'content-type', value: batch ? 'application/x-ndjson' : 'application/json' }],
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
    { name: ':scheme', value: target.tls ? 'https' : 'http' },
    { name: ':path', value: path },
    { name: ':authority', value: `${target.host}:${target.port}` },
    { name: 'user-agent', value: 'votewire-bench' },
    ...headers,
  ];
}

/** One HTTP/2 connection with up to `streams` requests in flight: plain HTTP, Connect or gRPC. */
export class Http2Channel implements Channel {
  readonly capacity: number;
  readonly #connection: Http2Connection;
  readonly #protocol: Protocol;
  readonly #transport: Exclude<Transport, 'http1'>;
  readonly #pool: RequestPool;
  readonly #onReply: OnReply;
  readonly #lengths = new Map<number, Buffer>();

  private constructor(connection: Http2Connection, setup: ChannelSetup) {
    this.#connection = connection;
    this.#transport = setup.transport;
    this.#protocol = PROTOCOLS[setup.transport];
    this.#pool = setup.pool;
    this.#onReply = setup.onReply;
    this.capacity = Math.min(setup.streams, connection.maxConcurrentStreams);
  }

  static async open(setup: ChannelSetup): Promise<Http2Channel> {
    const { target, transport, pool } = setup;
    const protocol = PROTOCOLS[transport];
    const fields = requestFields(target, protocol.path(pool.batch), protocol.headers(pool.batch));
    return new Http2Channel(await Http2Connection.open(target, fields), setup);
  }

  get bytesIn() {
    return this.#connection.bytesIn;
  }

  get bytesOut() {
    return this.#connection.bytesOut;
  }

  send(index: number, token: number) {
    const body = this.#pool.bodies[index] ?? Buffer.alloc(0);
    const handler = new PendingReply(token, this.#onWhole);
    if (!this.#protocol.contentLength) {
      this.#connection.request(handler, body, { end: true });
      return;
    }
    this.#connection.request(handler, body, { end: true, extra: this.#lengthField(body.length) });
  }

  close() {
    this.#connection.close();
  }

  readonly #onWhole = ({ token, status, grpcStatus, data }: PendingReply, reset: string | undefined) => {
    const { votesPerRequest, batch } = this.#pool;
    if (reset !== undefined) this.#onReply(token, unsure(votesPerRequest, reset));
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

/** A reply while it arrives. */
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
