import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Problem } from '../ingress.ts';
import { problemReply } from './problem-reply.ts';
import type { RateLimiter } from './rate-limiter.ts';
import type { Reply } from './reply.ts';
import { FOREIGN_ORIGIN, isForeignOrigin } from './same-origin.ts';
import {
  bodyLimit,
  readWait,
  tooLarge,
  type VoteFormat,
  type VoteRoute,
  voteFormat,
  WRONG_WAIT,
} from './vote-route.ts';

export interface NodeVotesOptions {
  readonly route: VoteRoute;
  readonly limiter: RateLimiter | undefined;
  readonly publicOrigin: string;
}

const PATH = '/v1/votes';

/**
 * Answers `POST /v1/votes` on Node's own request and response: a framework's Request, Response and streams would cost
 * more than the vote. What it does not know goes to `app`: other paths, other methods, forms.
 */
export function nodeVotes(app: RequestListener, options: NodeVotesOptions): RequestListener {
  return (req, res) => {
    const url = req.url ?? '';
    if (req.method !== 'POST' || !url.startsWith(PATH)) return app(req, res);
    if (url.length > PATH.length && url[PATH.length] !== '?') return app(req, res);
    const { headers } = req;
    const format = voteFormat(headers['content-type'], headers['content-encoding']);
    if (format === undefined) return app(req, res);
    const wait = readWait(url.slice(PATH.length + 1));
    const refusal = refusalOf(req, options) ?? (wait === undefined ? WRONG_WAIT : undefined);
    if (refusal !== undefined) return send(res, problemReply(refusal));
    readBody(req, res, format, (body) => options.route.cast(format, body, wait === true, (reply) => send(res, reply)));
  };
}

function refusalOf(req: IncomingMessage, { limiter, publicOrigin }: NodeVotesOptions): Problem | undefined {
  const { origin, host } = req.headers;
  if (origin !== undefined && isForeignOrigin(origin, host ?? '', publicOrigin)) return FOREIGN_ORIGIN;
  return limiter?.refusal(req.socket.remoteAddress ?? '', req.headers['x-forwarded-for'] as string | undefined);
}

/** Calls `use` with the whole body; answers by itself where it is too long. A client that goes away gets nothing. */
function readBody(
  req: IncomingMessage,
  res: ServerResponse,
  format: VoteFormat,
  use: (body: Uint8Array) => void,
): void {
  const limit = bodyLimit(format);
  if (Number(req.headers['content-length'] ?? 0) > limit) {
    refuseBody(req, res, format);
    return;
  }
  let first: Buffer | undefined;
  let chunks: Buffer[] | undefined;
  let length = 0;
  const onData = (chunk: Buffer) => {
    length += chunk.length;
    if (length > limit) {
      req.off('data', onData).off('end', onEnd);
      refuseBody(req, res, format);
    } else if (first === undefined) first = chunk;
    else if (chunks === undefined) chunks = [first, chunk];
    else chunks.push(chunk);
  };
  const onEnd = () => use(chunks === undefined ? (first ?? EMPTY) : Buffer.concat(chunks, length));
  req.on('data', onData).on('end', onEnd);
}

const EMPTY = new Uint8Array(0);

/** The client may send all it wants before it reads the answer: that is thrown away, for a bounded time. */
function refuseBody(req: IncomingMessage, res: ServerResponse, format: VoteFormat): void {
  if (req.httpVersionMajor < 2) res.setHeader('connection', 'close');
  send(res, problemReply(tooLarge(format)));
  req.resume();
  setTimeout(() => req.destroy(), REFUSED_BODY_MS).unref();
}

const REFUSED_BODY_MS = 1000;

function send(res: ServerResponse, reply: Reply): void {
  if (res.destroyed || res.headersSent) return;
  const { status, type, body, headers } = reply;
  res.writeHead(status, {
    'content-type': type,
    'content-length': headers === undefined && isAscii(status) ? body.length : Buffer.byteLength(body),
    ...headers,
  });
  res.end(body);
}

/** Acknowledgements hold receipts and numbers alone. */
function isAscii(status: number): boolean {
  return status === 202;
}
