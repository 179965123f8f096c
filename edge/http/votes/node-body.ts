import type { IncomingMessage, ServerResponse } from 'node:http';
import { INTERNAL_ERROR } from '../../../http/common-problems.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import type { Reply } from '../../../http/reply.ts';
import { LISTENER_LIMITS } from '../../listen/limits.ts';
import { cutSlowBody } from '../../listen/slow-body.ts';
import { BodyBuffer } from './body-buffer.ts';
import { sendReply } from './send-reply.ts';

/**
 * Calls `use` with the whole body, or with undefined as soon as it is known to exceed `maxBytes`. Does nothing if the
 * client leaves before the end.
 */
export function readNodeBody(
  req: IncomingMessage,
  res: ServerResponse,
  maxBytes: number,
  use: (body: Uint8Array | undefined) => void,
): void {
  const announced = Number(req.headers['content-length'] ?? -1);
  if (announced > maxBytes) {
    use(undefined);
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
    if (parts.length + chunk.length <= maxBytes) parts.append(chunk);
    else {
      req.off('data', onData).off('end', onEnd);
      use(undefined);
    }
  };
  const onEnd = () => {
    try {
      use(whole ?? parts?.bytes ?? EMPTY);
    } catch (error) {
      // A bug in one request must not end the process with all others.
      console.error('Request failed', error);
      sendReply(res, problemReply(INTERNAL_ERROR));
    }
  };
  req.on('data', onData).on('end', onEnd);
}

const EMPTY = new Uint8Array(0);
/** How long the rest of a refused body is read and discarded: a client may send all of it before it reads the answer. */
const DISCARD_MS = 1000;

/** Answers before the end of the body. */
export function refuseNodeBody(req: IncomingMessage, res: ServerResponse, reply: Reply): void {
  if (req.httpVersionMajor < 2) res.setHeader('connection', 'close');
  sendReply(res, reply);
  req.resume();
  setTimeout(() => req.destroy(), DISCARD_MS).unref();
}
