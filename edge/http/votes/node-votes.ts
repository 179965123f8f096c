import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Problem } from '../../../http/problem.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import type { Reply } from '../../../http/reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { LISTENER_LIMITS } from '../../listen/limits.ts';
import { cutSlowBody } from '../../listen/slow-body.ts';
import type { RateLimiter } from '../../vote/rate-limiter.ts';
import { BodyBuffer } from './body-buffer.ts';
import { nodeCallerOf } from './caller.ts';
import { foreignOrigin, isForeignOrigin } from './same-origin.ts';
import { bodyLimit, readWait, tooLarge, type VoteFormat, type VoteRoute, voteFormat } from './vote-route.ts';

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
    const caller = nodeCallerOf(options.limiter, req);
    const refusal = refusalOf(req, options, caller) ?? (typeof wait === 'boolean' ? undefined : wait);
    if (refusal !== undefined) return send(res, problemReply(refusal));
    readBody(req, res, format, (body) => {
      const votes = options.route.cast(format, body, wait === true, (reply) => send(res, reply));
      if (caller !== undefined && votes > 1) options.limiter?.charge(caller, votes - 1);
    });
  };
}

function refusalOf(
  req: IncomingMessage,
  { limiter, publicOrigin }: NodeVotesOptions,
  caller: string | undefined,
): Problem | undefined {
  const { origin, host } = req.headers;
  if (origin !== undefined && isForeignOrigin(origin, host ?? '', publicOrigin)) return foreignOrigin(origin);
  return caller === undefined ? undefined : limiter?.refusal(caller);
}

/** Calls `use` with the whole body; answers by itself where it is too long. A client that goes away gets nothing. */
function readBody(
  req: IncomingMessage,
  res: ServerResponse,
  format: VoteFormat,
  use: (body: Uint8Array) => void,
): void {
  const limit = bodyLimit(format);
  const announced = Number(req.headers['content-length'] ?? -1);
  if (announced > limit) {
    refuseBody(req, res, format);
    return;
  }
  let whole: Buffer | undefined;
  let parts: BodyBuffer | undefined;
  cutSlowBody(req, res, LISTENER_LIMITS.requestMs);
  const onData = (chunk: Buffer) => {
    if (chunk.length === announced) {
      whole = chunk;
      return;
    }
    parts ??= new BodyBuffer();
    if (parts.length + chunk.length <= limit) parts.append(chunk);
    else {
      req.off('data', onData).off('end', onEnd);
      refuseBody(req, res, format);
    }
  };
  const onEnd = () => {
    try {
      use(whole ?? parts?.bytes ?? EMPTY);
    } catch (error) {
      // One caller's request must not be the end of all others'.
      console.error('A request failed', error);
      send(res, problemReply({ code: ErrorCode.INTERNAL, detail: 'A fault of ours. It was written down' }));
    }
  };
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
