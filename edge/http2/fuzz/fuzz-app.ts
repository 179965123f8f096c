import type { ServerHttp2Stream } from 'node:http2';
import { encodeHeaders } from '../hpack/encode-headers.ts';
import type { Http2Stream } from '../stream/http2-stream.ts';
import type { StreamHandler } from '../stream/stream-handler.ts';

const HEAD = encodeHeaders([[':status', '200']]);
const TRAILERS = encodeHeaders([['sent', 'all']]);

/** Echoes a request's headers and body, on our server. */
export function fuzzApp(stream: Http2Stream): StreamHandler {
  const chunks: Buffer[] = [];
  const { method, scheme, path, authority, fields } = stream.headers;
  const pseudo = [method, scheme, path, authority];
  if (path === '/held') stream.pause();
  return {
    data(chunk) {
      chunks.push(Buffer.from(chunk));
      // Bodies that begin with this byte are read only occasionally.
      if (chunks[0]?.[0] === 0) {
        stream.pause();
        setImmediate(() => stream.resume());
      }
    },
    end() {
      const head = Buffer.from(
        fuzzEcho(
          pseudo,
          fields.map(({ name, value }) => `${name}: ${value}`),
        ),
      );
      const body = Buffer.concat([head, ...chunks]);
      if (body.length % 2 === 0) stream.answer(HEAD, body, TRAILERS);
      else {
        stream.respond(HEAD);
        stream.write(body.subarray(0, 100));
        stream.write(body.subarray(100));
        stream.end(TRAILERS);
      }
    },
    drain: () => undefined,
    close: () => undefined,
  };
}

/** The same on `node:http2`. */
export function nodeFuzzApp(stream: ServerHttp2Stream, rawHeaders: readonly string[]): void {
  const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, i) => [rawHeaders[2 * i], rawHeaders[2 * i + 1]]);
  const get = (name: string) => pairs.find(([key]) => key === name)?.[1] ?? '';
  const fields = pairs.filter(([name]) => !name?.startsWith(':')).map(([name, value]) => `${name}: ${value}`);
  const chunks: Buffer[] = [];
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    if (stream.destroyed || stream.closed) return;
    stream.on('wantTrailers', () => stream.sendTrailers({ sent: 'all' }));
    const options = { waitForTrailers: true, sendDate: false };
    stream.respond({ ':status': 200 }, options);
    const echo = fuzzEcho([get(':method'), get(':scheme'), get(':path'), get(':authority')], fields);
    stream.end(Buffer.concat([Buffer.from(echo), ...chunks]));
  });
}

function fuzzEcho(pseudo: readonly string[], fields: readonly string[]): string {
  return `${[...pseudo, ...fields].join('\n')}\n\n`;
}
