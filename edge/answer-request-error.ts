import type { RequestListener } from 'node:http';
import { problemReply } from '../http/problem-reply.ts';
import { NodeRequestView } from './admission/views/node-request-view.ts';
import { sendReply } from './http/votes/adapters/send-reply.ts';
import { logRequestError } from './log-request-error.ts';

/**
 * Answers a request whose listener throws, or cuts its answer if it has begun. The log and the answer name the request.
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
