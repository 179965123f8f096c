import type { Clock } from '../clock.ts';
import type { Http2ErrorCode } from '../error-code.ts';
import type { Output } from '../output/output.ts';
import type { Http2Stream } from './http2-stream.ts';

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly remoteAddress: string;
  readonly clock: Clock;
  readonly output: Output;
  readonly streamWindowBytes: number;
  /** What may be sent on the connection, over all streams. */
  sendWindow: number;
  /** A header block in the form in which it may be sent now. */
  block(block: Uint8Array): Uint8Array;
  /** DATA frames were sent: they allow the peer window updates and pings. */
  dataSent(frames: number): void;
  /** Request bytes have reached the application, or never will. */
  consumed(bytes: number): void;
  /** The stream wants `resumeSending` when there is room. */
  waitForRoom(stream: Http2Stream): void;
  /** Takes the stream off and tells its handler. `reset`: RST_STREAM was or must be sent. */
  over(stream: Http2Stream, code: Http2ErrorCode): void;
}
