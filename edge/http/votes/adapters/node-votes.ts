import type { IncomingMessage, RequestListener } from 'node:http';
import { NodeRequestView } from '../../../admission/views/node-request-view.ts';
import { isReply, type VoteRequest, type VoteRoute } from '../vote-route.ts';
import { readNodeBody, refuseNodeBody } from './node-body.ts';
import { sendReply } from './send-reply.ts';

const PATH = '/v1/votes';

/**
 * Answers `POST /v1/votes` of HTTP/1.1 on Node's own request and response: a framework's Request, Response and streams would cost
 * more than the vote. Other paths, other methods and forms go to `app`.
 */
export function nodeVotes(app: RequestListener, route: VoteRoute): RequestListener {
  return (req, res) => {
    if (!isVotesPost(req)) return app(req, res);
    const task = route.begin(new NodeVoteRequest(req));
    if (task === 'form') return app(req, res);
    if (isReply(task)) return sendReply(res, task);
    readNodeBody(req, res, task.maxBytes, (body) => {
      if (body === undefined) refuseNodeBody(res, route.tooLarge(task));
      else route.cast(task, body, { reply: (reply) => sendReply(res, reply) });
    });
  };
}

function isVotesPost({ method, url = '' }: IncomingMessage): boolean {
  return method === 'POST' && url.startsWith(PATH) && (url.length === PATH.length || url[PATH.length] === '?');
}

class NodeVoteRequest extends NodeRequestView implements VoteRequest {
  get query(): string {
    return this.req.url?.slice(PATH.length + 1) ?? '';
  }
}
