import type { Reply } from '../../http/reply.ts';
import {
  isReply,
  type VoteRequest,
  type VoteResponder,
  VoteRoute,
  type VoteRouteOptions,
  type VoteTask,
} from '../http/votes/vote-route.ts';
import type { EdgeTracing } from './edge-tracing.ts';
import { endHttp, HTTP_VOTES, VOTES_SPAN } from './http-span.ts';
import type { RequestTrace } from './request-trace.ts';

/** Adds a span to each sampled `POST /v1/votes`, on any server. */
export class TracedVoteRoute extends VoteRoute {
  readonly #tracing: EdgeTracing;
  readonly #requests = new WeakMap<VoteTask, RequestTrace>();

  constructor(options: VoteRouteOptions, tracing: EdgeTracing) {
    super(options);
    this.#tracing = tracing;
  }

  override begin(request: VoteRequest): VoteTask | Reply | 'form' {
    const trace = this.#tracing.start(VOTES_SPAN, request, HTTP_VOTES);
    const task = super.begin(request);
    // The unended span is not exported; the form handler starts another.
    if (trace === undefined || task === 'form') return task;
    if (isReply(task)) endHttp(trace, task.status);
    else this.#requests.set(task, trace);
    return task;
  }

  override tooLarge(task: VoteTask): Reply {
    const reply = super.tooLarge(task);
    const trace = this.#requests.get(task);
    if (trace !== undefined) endHttp(trace, reply.status);
    return reply;
  }

  override cast(task: VoteTask, body: Uint8Array, responder: VoteResponder): void {
    const trace = this.#requests.get(task);
    if (trace === undefined) {
      super.cast(task, body, responder);
      return;
    }
    this.#tracing.run(trace, () =>
      super.cast(task, body, {
        reply: (reply) => {
          endHttp(trace, reply.status);
          responder.reply(reply);
        },
      }),
    );
  }
}
