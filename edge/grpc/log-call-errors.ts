import { ConnectError, type Interceptor, type StreamResponse } from '@connectrpc/connect';
import { logRequestError } from '../log-request-error.ts';
import { problemError } from './problem-status.ts';

type Messages = StreamResponse['message'];

/** Logs what a handler of Connect's router throws by mistake, and answers INTERNAL; both name the request. */
export const logCallErrors: Interceptor = (next) => async (request) => {
  const answer = (error: unknown) => {
    if (!isBug(error)) return error;
    const header = (name: string) => request.header.get(name) ?? undefined;
    return problemError(logRequestError(error, { header }, 'RPC failed'));
  };
  try {
    const response = await next(request);
    return response.stream ? { ...response, message: answerErrors(response.message, answer) } : response;
  } catch (error) {
    throw answer(error);
  }
};

/** Statuses are ConnectErrors; the others are the end of a call that its signal aborted. */
function isBug(error: unknown): boolean {
  return !(error instanceof ConnectError || (error instanceof Error && /^(Abort|Timeout)Error$/.test(error.name)));
}

async function* answerErrors(
  messages: Messages,
  answer: (error: unknown) => unknown,
): AsyncGenerator<Awaited<ReturnType<ReturnType<Messages[typeof Symbol.asyncIterator]>['next']>>['value']> {
  try {
    yield* messages;
  } catch (error) {
    throw answer(error);
  }
}
