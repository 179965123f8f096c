import type { Socket } from 'node:net';
import { problemReply } from '../../../../http/problem-reply.ts';
import type { Http1Limits } from '../../../http1/limits.ts';
import type { VoteExchange } from '../../../http1/vote-exchange.ts';
import { VoteRecognizer } from '../../../http1/vote-recognizer.ts';
import type { ConnectionServer } from '../../../listen/connection-server.ts';
import { logRequestError } from '../../../log-request-error.ts';
import { maxBytesOf, voteFormat } from '../vote-format.ts';
import { isReply, type VoteRequest, type VoteRoute } from '../vote-route.ts';

/** Answers the `POST /v1/votes` requests recognized on HTTP/1.1 sockets. All other requests go to `handOver`. */
export function http1Votes(
  route: VoteRoute,
  handOver: (socket: Socket) => void,
  limits?: Partial<Http1Limits>,
): ConnectionServer {
  const recognizer = new VoteRecognizer({
    bodyLimit,
    onVotes: (exchange) => cast(route, exchange),
    handOver,
    ...(limits && { limits }),
  });
  return {
    accept: (socket, head) => recognizer.accept(socket, head),
    close: (graceMs) => recognizer.close(graceMs),
  };
}

function bodyLimit(contentType: string): number | undefined {
  const format = voteFormat(contentType, undefined);
  return format === undefined || format === 'form' ? undefined : maxBytesOf(format);
}

function cast(route: VoteRoute, exchange: VoteExchange): void {
  const request = new ExchangeRequest(exchange);
  try {
    const task = route.begin(request);
    if (task === 'form') throw new Error('The recognizer passed a form on');
    if (isReply(task)) exchange.reply(task);
    else route.cast(task, exchange.body, exchange);
  } catch (error) {
    // A bug in one request must not end the process with all others.
    exchange.reply(problemReply(logRequestError(error, request)));
  }
}

/** Has few headers: requests with others that a decision depends on, such as Origin or Cookie, are not recognized. */
class ExchangeRequest implements VoteRequest {
  readonly #exchange: VoteExchange;

  constructor(exchange: VoteExchange) {
    this.#exchange = exchange;
  }

  get query(): string {
    return this.#exchange.head.query;
  }

  get peer(): string {
    return this.#exchange.remoteAddress;
  }

  header(name: string): string | undefined {
    const { head } = this.#exchange;
    if (name === 'content-type') return head.contentType;
    if (name === 'authorization') return head.authorization;
    if (name === 'x-forwarded-for') return head.forwardedFor;
    if (name === 'traceparent') return head.traceparent;
    return name === 'x-request-id' ? head.requestId : undefined;
  }
}
