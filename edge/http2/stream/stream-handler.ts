import type { Http2ErrorCode } from '../error-code.ts';

/** Answers one request: the application's end of a stream. All calls come from the event loop, never nested. */
export interface StreamHandler {
  /** A part of the request body. It is a view into a socket read; copy it to keep it for long. */
  data(chunk: Buffer): void;
  /** The request is complete. */
  end(): void;
  /** There is room again after `write` returned false. */
  drain(): void;
  /** The stream has ended: NO_ERROR if it was answered, else the code of the reset. Called once, last. */
  close(code: Http2ErrorCode): void;
}
