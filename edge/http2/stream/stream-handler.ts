import type { Http2ErrorCode } from '../error-code.ts';

/** What answers one request: the application's end of a stream. All calls come from the event loop, never nested. */
export interface StreamHandler {
  /** A part of the request body. It is a view into what was read from the socket: copy it to keep it for long. */
  data(chunk: Buffer): void;
  /** The request is complete. */
  end(): void;
  /** After `write` returned false: there is room again. */
  drain(): void;
  /** The stream is over: NO_ERROR if it was answered, else the code that it was reset with. Called once, last. */
  close(code: Http2ErrorCode): void;
}
