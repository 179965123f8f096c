import type { Http2ErrorCode } from '../error-code.ts';
import type { StreamHost } from '../stream/stream-host.ts';
import type { ConnectionState } from './connection-state.ts';

/** What the dispatch of frames needs of its connection. */
export interface ConnectionHost extends StreamHost {
  readonly state: ConnectionState;
  /** The peer's first SETTINGS have arrived. */
  opened(): void;
  /** Ends the connection for an error of the peer's: GOAWAY, then no more input. */
  fail(code: Http2ErrorCode, reason: string): void;
  /** The peer sends too much of what costs it nothing: the connection fails. */
  flooded(reason: string): void;
  /** The peer has answered a ping: all that it sent before it read the GOAWAY has arrived. */
  pingAnswered(): void;
  /** Counts a DATA frame. False: the peer has sent more than it may. */
  receiveBody(bytes: number): boolean;
  /** A frame has ended; the next one has all the time. */
  frameEnded(): void;
  /** False: more than a window may have. */
  widen(bytes: number): boolean;
  /** The peer's table must not be used beyond what it allows now; responses do not use it at all (RFC 7541, 4.2). */
  shrinkTable(): void;
  resumeSending(): void;
}
