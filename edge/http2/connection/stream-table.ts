import type { Http2Stream } from '../stream/http2-stream.ts';
import type { HostedStream } from '../stream/stream-host.ts';
import { OpenStreams } from './open-streams.ts';
import { ResetStreams } from './reset-streams.ts';

/** The streams of one connection. */
export class StreamTable {
  readonly #open = new OpenStreams();
  /** Streams waiting for window or for the peer to read; the one served last is last. */
  readonly waiting = new Set<HostedStream>();
  /** Streams closed by this side before the peer ended them. */
  readonly reset = new ResetStreams();
  /** Highest id that the peer has used. */
  lastId = 0;

  get size(): number {
    return this.#open.size;
  }

  get(id: number): Http2Stream | undefined {
    return this.#open.get(id);
  }

  values(): Iterable<Http2Stream> {
    return this.#open.values();
  }

  add(stream: Http2Stream): void {
    this.#open.add(stream);
  }

  delete(stream: HostedStream): void {
    this.#open.delete(stream.id);
    if (this.waiting.size > 0) this.waiting.delete(stream);
  }

  /** Whether the peer has never used the id, so that only HEADERS is allowed on it. Even ids belong to the server. */
  isIdle(id: number): boolean {
    return id > this.lastId || id % 2 === 0;
  }
}
