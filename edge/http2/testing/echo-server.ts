import { createServer } from 'node:net';
import process from 'node:process';
import { encodeHeaders } from '../hpack/encode-headers.ts';
import { Http2Server } from '../http2-server.ts';
import { NetByteSocket } from '../net-byte-socket.ts';
import type { Http2Stream } from '../stream/http2-stream.ts';
import type { StreamHandler } from '../stream/stream-handler.ts';

const HEAD = encodeHeaders([
  [':status', '200'],
  ['content-type', 'application/grpc+proto'],
]);
const TRAILERS = encodeHeaders([['grpc-status', '0']]);
const NOTHING = Buffer.alloc(0);

/** Answers a request with its body, once it is complete. */
export class Echo implements StreamHandler {
  readonly #stream: Http2Stream;
  #body: Buffer = NOTHING;

  constructor(stream: Http2Stream) {
    this.#stream = stream;
  }

  data(chunk: Buffer): void {
    this.#body = this.#body.length === 0 ? chunk : Buffer.concat([this.#body, chunk]);
  }

  end(): void {
    this.#stream.answer(HEAD, this.#body, TRAILERS);
  }

  drain(): void {
    // Queued by the stream.
  }

  close(): void {
    this.#body = NOTHING;
  }
}

if (process.argv[1]?.endsWith('echo-server.ts')) {
  const server = new Http2Server({ onRequest: (stream) => new Echo(stream) });
  createServer({ noDelay: true, allowHalfOpen: true }, (socket) => server.accept(new NetByteSocket(socket))).listen(
    Number(process.argv[2] ?? 0),
    '127.0.0.1',
    () => console.log('listening'),
  );
}
