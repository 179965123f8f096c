import type { RequestView } from '../../admission/views/request-view.ts';
import type { RequestHeaders } from '../../http2/headers/request-headers.ts';
import type { HeaderPairs } from '../../http2/hpack/encode-headers.ts';
import type { GrpcStatus } from '../framing/status.ts';

/** An RPC that the transport serves. It works on bytes; the method parses and serializes its messages. */
export type GrpcMethod = UnaryMethod | StreamMethod;

/** One message in, one out. */
export interface UnaryMethod {
  readonly kind: 'unary';
  /** Maximum size of a decompressed message. A larger one is answered with RESOURCE_EXHAUSTED at its prefix. */
  readonly maxBytes: number;
  /** Called once the request is complete; `message` stays valid. Answers with `reply` or `fail`, now or later. */
  handle(message: Buffer, call: UnaryResponder): void;
}

/** Metadata of a call. */
interface CallMetadata extends RequestView {
  readonly headers: RequestHeaders;
  /** Headers sent besides the protocol's own, if set before the first answer. */
  responseHeaders: HeaderPairs | undefined;
  responseTrailers: HeaderPairs | undefined;
}

/** The caller's end of a unary call. Both methods do nothing after the caller has left or its deadline has passed. */
export interface UnaryResponder extends CallMetadata {
  /** Ends the call with OK and one framed message (see frame.ts). */
  reply(framed: Uint8Array): void;
  /** Ends the call with a status other than OK. */
  fail(status: GrpcStatus): void;
}

/** Messages in, messages out, independently of each other. */
export interface StreamMethod {
  readonly kind: 'stream';
  readonly maxBytes: number;
  /** Called when the stream opens. */
  open(call: StreamResponder): StreamReceiver;
}

/** The caller's end of a streaming call. */
export interface StreamResponder extends CallMetadata {
  /** Sends a framed message. False: wait for `drain` before the next one. */
  write(framed: Uint8Array): boolean;
  /** Reads no further messages until `resume`: the caller's flow-control window fills up. */
  pause(): void;
  resume(): void;
  /** Ends the call with OK. */
  finish(): void;
  /** Ends the call with a status other than OK, after everything written before. */
  fail(status: GrpcStatus): void;
}

/** The method's end of a streaming call. */
export interface StreamReceiver {
  /** A message arrived; it stays valid. */
  message(message: Buffer): void;
  /** Every complete message of the last chunk has been passed on. */
  flush(): void;
  /** The caller has sent everything. */
  end(): void;
  /** The input is not an acceptable message and nothing more is read; end the call with this status. */
  refuse(status: GrpcStatus): void;
  /** The call can be written to again. */
  drain(): void;
  /** The call was ended from outside: the caller reset it, or its deadline passed. */
  cancel(): void;
  /** The server is stopping; end the stream soon. */
  stop(): void;
}
