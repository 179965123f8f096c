import { Code, ConnectError, type ContextKey, createContextKey, type HandlerContext } from '@connectrpc/connect';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { RequestView } from '../../admission/views/request-view.ts';
import { problemError } from '../problem-status.ts';

/** Context key under which handlers of Connect's router find the request of their call. */
export const REQUEST: ContextKey<RequestView> = createContextKey<RequestView>({ peer: '', header: () => undefined });

/** The error that ends a call whose signal was aborted. */
export function abortReason({ reason }: AbortSignal): unknown {
  if (!(reason instanceof ConnectError) || reason.code !== Code.DeadlineExceeded) return reason;
  return problemError({ code: ErrorCode.DEADLINE_EXCEEDED, detail: reason.rawMessage });
}

/** Throws if the deadline passed before the call began, as a deadline of 0 does. */
export function throwIfOver({ signal }: HandlerContext): void {
  if (signal.aborted) throw abortReason(signal);
}

/** The shutdown signal is the only one that aborts calls with UNAVAILABLE. */
export function isShutdown(reason: unknown): boolean {
  return reason instanceof ConnectError && reason.code === Code.Unavailable;
}
