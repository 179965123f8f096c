import type { Http2ErrorCode } from '../error-code.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import type { ConnectionState } from './connection-state.ts';

/** The parts of a connection that frame dispatch needs. */
export interface ConnectionHost extends StreamHost {
  readonly state: ConnectionState;
  /** The peer's first SETTINGS have arrived. */
  opened(): void;
  /** Ends the connection because of a peer's error: sends GOAWAY and reads no more input. */
  fail(code: Http2ErrorCode, reason: string): void;
  /** The peer sends too many cheap frames; ends the connection. */
  flooded(reason: string): void;
  /** The peer has answered a ping, so everything it sent before reading the GOAWAY has arrived. */
  pingAnswered(): void;
  /** Counts a DATA frame. Returns false if the peer has exceeded the window. */
  receiveBody(bytes: number): boolean;
  /** A frame is complete; ends its time limit. */
  frameEnded(): void;
  /** Widens the send window. Returns false if it exceeds the maximum. */
  widen(bytes: number): boolean;
  /** The peer has reduced its table; announces that responses do not use the table at all (RFC 7541, 4.2). */
  shrinkTable(): void;
  resumeSending(): void;
}
