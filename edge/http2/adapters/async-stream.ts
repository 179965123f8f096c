import { Http2ErrorCode } from '../error-code.ts';
import type { Http2Stream } from '../stream/http2-stream.ts';
import type { StreamHandler } from '../stream/stream-handler.ts';

type Read = IteratorResult<Uint8Array, undefined>;

/**
 * Adapts a stream to frameworks that use promises: the body is an async iterable, writes wait for room, and a signal
 * reports an early end. Holds one chunk; the rest of the body waits in the stream and in the peer.
 */
export class AsyncStream implements StreamHandler, AsyncIterableIterator<Uint8Array, undefined> {
  readonly #stream: Http2Stream;
  readonly #resetReason: (code: Http2ErrorCode) => Error;
  readonly #abort = new AbortController();
  #chunk: Buffer | undefined;
  /** `reading` until the request is complete; `reset` if the stream was reset before. */
  #request: 'reading' | 'complete' | 'reset' = 'reading';
  #reader: PromiseWithResolvers<Read> | undefined;
  #writer: (() => void) | undefined;

  constructor(stream: Http2Stream, resetReason: (code: Http2ErrorCode) => Error) {
    this.#stream = stream;
    this.#resetReason = resetReason;
  }

  /** Aborts when the stream is reset before it is answered. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Read> {
    const chunk = this.#chunk;
    if (chunk !== undefined) {
      this.#chunk = undefined;
      this.#stream.resume();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#request === 'complete') return Promise.resolve(DONE);
    if (this.#request === 'reset') return Promise.reject(this.#abort.signal.reason);
    this.#reader ??= Promise.withResolvers<Read>();
    return this.#reader.promise;
  }

  /** The framework needs no more of the body; the rest is discarded. */
  return(): Promise<Read> {
    this.#request = 'complete';
    this.#chunk = undefined;
    this.#stream.resume();
    return Promise.resolve(DONE);
  }

  /** Writes to the response; resolves when there is room for more. False: the stream is closed. */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (this.#stream.write(bytes)) return true;
    if (!this.#stream.writable) return false;
    await new Promise<void>((resolve) => {
      this.#writer = resolve;
    });
    return this.#stream.writable;
  }

  data(chunk: Buffer): void {
    if (this.#request !== 'reading') return;
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunk = chunk;
    this.#stream.pause();
  }

  end(): void {
    this.#request = 'complete';
    this.#reader?.resolve(DONE);
  }

  drain(): void {
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.();
  }

  close(code: Http2ErrorCode): void {
    this.#chunk = undefined;
    if (code !== Http2ErrorCode.NO_ERROR) this.#abort.abort(this.#resetReason(code));
    if (this.#request === 'reading') {
      this.#request = code === Http2ErrorCode.NO_ERROR ? 'complete' : 'reset';
      if (code === Http2ErrorCode.NO_ERROR) this.#reader?.resolve(DONE);
      else this.#reader?.reject(this.#abort.signal.reason);
    }
    this.drain();
  }
}

const DONE: Read = { done: true, value: undefined };
