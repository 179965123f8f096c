import { TurnGate } from '../../../http/connections/turn-gate.ts';
import { refuseRequest } from '../refuse-request.ts';
import type { Http2Stream } from '../stream/http2-stream.ts';
import type { StreamHandler } from '../stream/stream-handler.ts';
import { AsyncStream } from './async-stream.ts';
import { requestUrl } from './request-url.ts';
import { responseBlock, toWebHeaders } from './web-headers.ts';

/** Properties of a request that are not part of it. */
export interface RequestInfo {
  /** Empty if unknown. */
  readonly remoteAddress: string;
}

export type FetchHandler = (request: Request, info: RequestInfo) => Response | Promise<Response>;

/**
 * Serves streams with a function from Request to Response, as Hono's `fetch` is one.
 *
 * @param reads starts GET and HEAD requests; default: a separate gate
 */
export function serveFetch(fetch: FetchHandler, reads = new TurnGate()): (stream: Http2Stream) => StreamHandler {
  return (stream) => {
    const exchange = new AsyncStream(stream, (code) => new DOMException(`Reset with code ${code}`, 'AbortError'));
    const begin = () => void respond(fetch, stream, exchange);
    if (isRead(stream.headers.method)) reads.run(begin);
    else begin();
    return exchange;
  };
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Undefined if Request rejects it: the method or the authority is invalid. */
function toRequest(stream: Http2Stream, exchange: AsyncStream): Request | undefined {
  const { headers } = stream;
  const url = requestUrl(headers);
  if (url === undefined) return undefined;
  const hasBody = !isRead(headers.method) && headers.contentLength !== 0;
  const init = { method: headers.method, headers: toWebHeaders(headers), signal: exchange.signal };
  try {
    // A stream as a body requires `duplex`, which the type declarations lack.
    return new Request(url, hasBody ? ({ ...init, body: toWebStream(exchange), duplex: 'half' } as RequestInit) : init);
  } catch {
    return undefined;
  }
}

function toWebStream(exchange: AsyncStream): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await exchange.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await exchange.return();
      },
    },
    { highWaterMark: 0 },
  );
}

async function respond(fetch: FetchHandler, stream: Http2Stream, exchange: AsyncStream): Promise<void> {
  if (exchange.signal.aborted) return;
  try {
    const request = toRequest(stream, exchange);
    if (request === undefined) {
      refuseRequest(stream, 400);
      return;
    }
    const response = await fetch(request, { remoteAddress: stream.remoteAddress });
    const headers = new Headers(response.headers);
    if (!headers.has('date')) headers.set('date', new Date().toUTCString());
    const alone = response.body === null || request.method === 'HEAD';
    stream.respond(responseBlock(response.status, headers), alone);
    if (alone) await response.body?.cancel();
    else await writeBody(response.body, stream, exchange);
  } catch (error) {
    if (!exchange.signal.aborted) stream.fail(error);
  }
}

async function writeBody(body: ReadableStream<Uint8Array>, stream: Http2Stream, exchange: AsyncStream): Promise<void> {
  const reader = body.getReader();
  // Only this tells a response that waits for its next event that the peer has left.
  const stop = () => void reader.cancel().catch(() => undefined);
  exchange.signal.addEventListener('abort', stop);
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    if (!(await exchange.write(read.value))) {
      await reader.cancel();
      return;
    }
  }
  exchange.signal.removeEventListener('abort', stop);
  stream.end();
}
