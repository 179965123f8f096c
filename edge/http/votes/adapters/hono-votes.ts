import { type Reply, toResponse } from '../../../../http/reply.ts';
import { readBody } from '../../../../http/request/read-body.ts';
import type { EdgeContext } from '../../edge-env.ts';
import { FetchRequestView } from '../../fetch-request-view.ts';
import { isReply, type VoteRequest, type VoteRoute, type VoteTask } from '../vote-route.ts';

/** `POST /v1/votes` on Hono. Forms go to `answerForm`. */
export function honoVotes(voteRoute: VoteRoute, answerForm: (c: EdgeContext) => Response | Promise<Response>) {
  return (c: EdgeContext): Response | Promise<Response> => {
    const task = voteRoute.begin(new FetchVoteRequest(c.req.raw, c.env));
    if (task === 'form') return answerForm(c);
    return isReply(task) ? toResponse(task) : castBody(c.req.raw, task, voteRoute).then(toResponse);
  };
}

async function castBody(request: Request, task: VoteTask, voteRoute: VoteRoute): Promise<Reply> {
  const body = await readBody(request, task.maxBytes).catch(() => 'left' as const);
  if (body === 'left') return CLIENT_LEFT;
  if (body === undefined) return voteRoute.tooLarge(task);
  return await new Promise((reply) => voteRoute.cast(task, body, { reply }));
}

/** The client left before the end of its body, so no one reads this reply. */
const CLIENT_LEFT: Reply = { status: 400, type: 'text/plain', body: '' };

class FetchVoteRequest extends FetchRequestView implements VoteRequest {
  get query(): string {
    const { url } = this.request;
    const at = url.indexOf('?');
    return at < 0 ? '' : url.slice(at + 1);
  }
}
