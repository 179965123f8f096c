import type { IncomingMessage, ServerResponse } from 'node:http';
import { problemReply } from '../../../../http/problem-reply.ts';
import type { Reply } from '../../../../http/reply.ts';
import { NodeRequestView } from '../../../admission/views/node-request-view.ts';
import { logRequestError } from '../../../log-request-error.ts';
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
      sendReply(res, problemReply(logRequestError(error, new NodeRequestView(req))));
    }
  };
  req.on('data', onData).on('end', onEnd);
}

const EMPTY = new Uint8Array(0);
/** Answers before the end of the body and ends the connection; discards bytes that still arrive for a moment. */
export function refuseNodeBody(res: ServerResponse, reply: Reply): void {
  res.setHeader('connection', 'close');
  sendReply(res, reply);
}
