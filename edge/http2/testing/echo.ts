import { encodeHeaders } from '../hpack/encode-headers.ts';
import type { Http2Stream } from '../stream/http2-stream.ts';
import type { StreamHandler } from '../stream/stream-handler.ts';

const HEAD = encodeHeaders([
  [':status', '200'],
  ['content-type', 'application/grpc+proto'],
]);
const TRAILERS = encodeHeaders([['grpc-status', '0']]);
const NOTHING = Buffer.alloc(0);
const EMPTY_BODY = Buffer.from('empty');

/** Answers a request with its body, or `empty`, once it is complete. */
export class Echo implements StreamHandler {
  readonly #stream: Http2Stream;
  readonly #delayMs: number;
  #body: Buffer = NOTHING;

  constructor(stream: Http2Stream, delayMs = 0) {
    this.#stream = stream;
    this.#delayMs = delayMs;
  }

  data(chunk: Buffer): void {
    this.#body = this.#body.length === 0 ? chunk : Buffer.concat([this.#body, chunk]);
  }

  end(): void {
    if (this.#delayMs > 0) setTimeout(() => this.#answer(), this.#delayMs);
    else this.#answer();
  }

  drain(): void {
    // The stream queues the answer.
  }

  close(): void {
    this.#body = NOTHING;
  }

  #answer(): void {
    this.#stream.answer(HEAD, this.#body.length === 0 ? EMPTY_BODY : this.#body, TRAILERS);
  }
}
