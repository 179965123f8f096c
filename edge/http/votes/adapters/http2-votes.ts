import { problemReply } from '../../../../http/problem-reply.ts';
import type { Reply } from '../../../../http/reply.ts';
import { Http2RequestView } from '../../../admission/views/http2-request-view.ts';
import type { Http2Stream } from '../../../http2/stream/http2-stream.ts';
import type { StreamHandler } from '../../../http2/stream/stream-handler.ts';
import { logRequestError } from '../../../log-request-error.ts';
import { isReply, type VoteRequest, type VoteResponder, type VoteRoute, type VoteTask } from '../vote-route.ts';
import { BodyBuffer } from './body-buffer.ts';
import { http2ReplyHead } from './http2-reply-head.ts';

const PATH = '/v1/votes';
/** Time limit for a complete body, in milliseconds; the same as over HTTP/1.1. */
const BODY_MS = 5_000;

/**
 * Answers `POST /v1/votes` on an HTTP/2 stream. For other paths, other methods and forms it returns undefined without
 * touching the stream.
 */
export function http2Votes(stream: Http2Stream, route: VoteRoute): StreamHandler | undefined {
  const { method, path } = stream.headers;
  if (method !== 'POST' || !path.startsWith(PATH) || (path.length > PATH.length && path[PATH.length] !== '?')) {
    return undefined;
  }
  const task = route.begin(new Http2VoteRequest(stream));
  return task === 'form' ? undefined : new Http2Vote(stream, route, task);
}

class Http2VoteRequest extends Http2RequestView implements VoteRequest {
  get query(): string {
    return this.stream.headers.path.slice(PATH.length + 1);
  }
}

const NOTHING = new Uint8Array(0);

class Http2Vote implements StreamHandler, VoteResponder {
  readonly #stream: Http2Stream;
  readonly #route: VoteRoute;
  /** Undefined once the request is answered. */
  #task: VoteTask | undefined;
  #body: Uint8Array = NOTHING;
  #parts: BodyBuffer | undefined;

  constructor(stream: Http2Stream, route: VoteRoute, task: VoteTask | Reply) {
    this.#stream = stream;
    this.#route = route;
    if (isReply(task)) this.reply(task);
    else if (stream.headers.contentLength > task.maxBytes) this.reply(route.tooLarge(task));
    else {
      this.#task = task;
      stream.limitBody(BODY_MS);
    }
  }

  data(chunk: Buffer): void {
    const task = this.#task;
    if (task === undefined) return;
    if (chunk.length === this.#stream.headers.contentLength) this.#body = chunk;
    else {
      this.#parts ??= new BodyBuffer();
      if (this.#parts.length + chunk.length > task.maxBytes) this.reply(this.#route.tooLarge(task));
      else this.#parts.append(chunk);
    }
  }

  end(): void {
    const task = this.#task;
    if (task === undefined) return;
    try {
      this.#route.cast(task, this.#parts?.bytes ?? this.#body, this);
    } catch (error) {
      // A bug in one request must not end the process with all others.
      this.reply(problemReply(logRequestError(error, task.request)));
    }
    this.#body = NOTHING;
  }

  reply(reply: Reply): void {
    this.#task = undefined;
    const body = Buffer.from(reply.body);
    this.#stream.answer(http2ReplyHead(reply, body.length), body);
  }

  drain(): void {
    // The answer is one write, which the stream queues.
  }

  close(): void {
    this.#task = undefined;
    this.#body = NOTHING;
    this.#parts = undefined;
  }
}
