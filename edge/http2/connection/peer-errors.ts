import { Http2ErrorCode } from '../error-code.ts';
import type { AbuseGuard, AbuseKind } from './abuse-guard.ts';
import type { ConnectionHost } from './connection-host.ts';
import type { StreamTable } from './stream-table.ts';

/** Ends streams and the connection when the peer breaks the protocol or exceeds a rate. */
export class PeerErrors {
  readonly #connection: ConnectionHost;
  readonly #streams: StreamTable;
  readonly #guard: AbuseGuard;

  constructor(connection: ConnectionHost, streams: StreamTable, guard: AbuseGuard) {
    this.#connection = connection;
    this.#streams = streams;
    this.#guard = guard;
  }

  protocolError(reason: string): void {
    this.#connection.fail(Http2ErrorCode.PROTOCOL_ERROR, reason);
  }

  sizeError(frame: string): void {
    this.#connection.fail(Http2ErrorCode.FRAME_SIZE_ERROR, `A ${frame} frame does not have its size`);
  }

  /** Ends a stream because of a peer's error. Errors are counted, because they cost the peer nothing. */
  streamError(streamId: number, code: Http2ErrorCode): void {
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) stream.reset(code);
    else {
      this.#connection.output.resetStream(streamId, code);
      this.#streams.reset.add(streamId);
    }
    this.count('resets');
  }

  /** Handles a frame on a closed stream. */
  stray(streamId: number, endStream: boolean): void {
    if (endStream) this.#streams.reset.delete(streamId);
    this.count('strayFrames');
  }

  /** Returns false if there were too many and the connection has ended. */
  count(kind: AbuseKind): boolean {
    if (this.#guard.allows(kind)) return true;
    this.#connection.flooded(`Too many per second: ${kind}`);
    return false;
  }
}
