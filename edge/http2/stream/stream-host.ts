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
  /** Sends waiting bytes as far as there is room. Returns true if none are left. */
  resumeSending(): boolean;
  answer(head: Uint8Array, body: Uint8Array): void;
  respond(head: Uint8Array, endStream: boolean): void;
  /** Ends the stream at once, in both directions. */
  reset(code: Http2ErrorCode): void;
}

/** The parts of a connection that its streams need. */
export interface StreamHost {
  readonly remoteAddress: string;
  readonly clock: Clock;
  readonly output: Output;
  readonly streamWindowBytes: number;
  /** Send window of the connection, shared by all streams. */
  sendWindow: number;
  /** The header block to send, preceded by a table size update if one is due. */
  block(block: Uint8Array): Uint8Array;
  /** Notes sent DATA frames, for which the peer may send window updates and pings. */
  dataSent(frames: number): void;
  /** Request bytes have reached the application, or never will. */
  consumed(bytes: number): void;
  /** Requests a call of `resumeSending` when there is room. */
  waitForRoom(stream: HostedStream): void;
  /** Asks the peer to stop sending a request that is already answered (RFC 9113, 8.1). */
  stopRequest(streamId: number): void;
  /** What serves the stream threw. Undefined: the stream is closed. */
  failed(error: unknown, stream: HostedStream | undefined): void;
  /** Removes the stream and notifies its handler. `reset`: RST_STREAM was or must be sent. */
  over(stream: HostedStream, code: Http2ErrorCode): void;
}
