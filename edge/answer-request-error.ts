import type { RequestListener } from 'node:http';
import { problemReply } from '../http/problem-reply.ts';
import { NodeRequestView } from './admission/views/node-request-view.ts';
import { sendReply } from './http/votes/adapters/send-reply.ts';
import { logRequestError } from './log-request-error.ts';

/**
 * Answers a request whose listener throws, or aborts an answer that has begun. The log and the answer contain the
 * request id.
 */
export function answerRequestError(listener: RequestListener): RequestListener {
  return (req, res) => {
    try {
      listener(req, res);
    } catch (error) {
      const problem = logRequestError(error, new NodeRequestView(req));
      if (res.headersSent) res.destroy();
      else sendReply(res, problemReply(problem));
    }
  };
}
