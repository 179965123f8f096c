import type { Clock } from '../clock.ts';
import type { Http2ErrorCode } from '../error-code.ts';
import type { RequestHeaders } from '../headers/request-headers.ts';
import type { Output } from '../output/output.ts';
import type { StreamHandler } from './stream-handler.ts';

/** What a connection needs of a stream that is over, waits or has failed. */
export interface HostedStream {
  readonly id: number;
  readonly headers: RequestHeaders;
  readonly handler: StreamHandler;
  readonly requestEnded: boolean;
  readonly headersSent: boolean;
  /** Sends what waits, as far as there is room. True: the stream waits no more. */
  resumeSending(): boolean;
  answer(head: Uint8Array, body: Uint8Array): void;
  respond(head: Uint8Array, endStream: boolean): void;
  /** Ends the stream at once, in both directions. */
  reset(code: Http2ErrorCode): void;
}

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
  waitForRoom(stream: HostedStream): void;
  /** The stream is answered while the peer is still sending its request: asks it to stop (RFC 9113, 8.1). */
  stopRequest(streamId: number): void;
  /** What serves the stream threw. Undefined: the stream is closed. */
  failed(error: unknown, stream: HostedStream | undefined): void;
  /** Takes the stream off and tells its handler. `reset`: RST_STREAM was or must be sent. */
  over(stream: HostedStream, code: Http2ErrorCode): void;
}
