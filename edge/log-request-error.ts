import { internalError } from '../http/common-problems.ts';
import type { Problem } from '../http/problem.ts';
import { requestId } from '../http/request/request-id.ts';
import type { RequestView } from './admission/views/request-view.ts';
import { edgeLog } from './edge-log.ts';

/** Logs an error that is a bug, and returns the problem for the client. Both contain the request id. */
export function logRequestError(
  error: unknown,
  request: Pick<RequestView, 'header'>,
  message = 'Request failed',
): Problem {
  const id = requestId((name) => request.header(name));
  edgeLog.error({ requestId: id, error }, message);
  return internalError(id);
}
