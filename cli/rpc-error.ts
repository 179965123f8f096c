import { Code, ConnectError } from '@connectrpc/connect';
import { noAnswer, RejectedRequest } from './request.ts';

/** Codes after which the call certainly had no effect. Any other may come from a proxy although the edge stored the vote. */
const REJECTED = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.AlreadyExists,
  Code.PermissionDenied,
  Code.Unauthenticated,
  Code.ResourceExhausted,
  Code.FailedPrecondition,
  Code.OutOfRange,
  Code.Unimplemented,
]);

/** The error of an RPC, as `request` throws those of HTTP. */
export function rpcError(error: unknown, url: string): Error {
  const { code, rawMessage, cause } = ConnectError.from(error);
  if (REJECTED.has(code)) return new RejectedRequest(rawMessage);
  const reason = (cause as { readonly code?: unknown } | undefined)?.code;
  return typeof reason === 'string' ? noAnswer(url, reason) : new Error(rawMessage);
}
