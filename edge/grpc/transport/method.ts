import type { GrpcStatus } from '../framing/status.ts';
import type { StreamCall } from './stream-call.ts';
import type { UnaryCall } from './unary-call.ts';

/** One RPC that the transport serves, on bytes: reading and writing messages is the method's own affair. */
export type GrpcMethod = UnaryMethod | StreamMethod;

/** One message in, one out. */
export interface UnaryMethod {
  readonly kind: 'unary';
  /** The largest message taken, decompressed. A larger one is answered with RESOURCE_EXHAUSTED at its prefix. */
  readonly maxBytes: number;
  /**
   * Called once the request is complete; `message` stays valid. Answers with `call.reply` or `call.fail`, now or
   * later; both do nothing once the caller is gone or its deadline has passed.
   */
  handle(message: Buffer, call: UnaryCall): void;
}

/** Messages in, messages out, independently of each other. */
export interface StreamMethod {
  readonly kind: 'stream';
  readonly maxBytes: number;
  /** Called when the stream opens. */
  open(call: StreamCall): StreamReceiver;
}

/** A method's end of one stream. */
export interface StreamReceiver {
  /** A message came in; it stays valid. */
  message(message: Buffer): void;
  /** Every message that was complete in what just arrived has been given. */
  flush(): void;
  /** The caller has sent all that it will send. */
  end(): void;
  /** What came in is not a message that may be taken; nothing more will be read. End the call with this status. */
  refuse(status: GrpcStatus): void;
  /** There is room to write again. */
  drain(): void;
  /** The call is over for a reason outside the method: the caller reset it, or its deadline passed. */
  cancel(): void;
  /** The server stops: bring the stream to an end soon. */
  stop(): void;
}
