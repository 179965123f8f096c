import type { RequestHeaders } from '../headers/request-headers.ts';
import { encodeHeaders } from '../hpack/encode-headers.ts';

/** Connection-specific headers, which HTTP/2 does not have (RFC 9113, 8.2.2). */
const CONNECTION_SPECIFIC = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

/** The headers of a request as frameworks expect them, with `host`. */
export function toWebHeaders(request: RequestHeaders): Headers {
  const headers = new Headers();
  let cookie: string | undefined;
  for (const { name, value } of request.fields) {
    // A client may split cookies into several fields, which Headers would join with commas (RFC 9113, 8.2.3).
    if (name === 'cookie') cookie = cookie === undefined ? value : `${cookie}; ${value}`;
    else headers.append(name, value);
  }
  if (cookie !== undefined) headers.set('cookie', cookie);
  if (request.authority !== '') headers.set('host', request.authority);
  return headers;
}

/** The header block of a response. */
export function responseBlock(status: number, headers?: Headers): Buffer {
  return encodeHeaders([[':status', `${status}`], ...webHeaderPairs(headers)]);
}

export function trailerBlock(trailers: Headers): Buffer {
  return encodeHeaders(webHeaderPairs(trailers));
}

function webHeaderPairs(headers: Headers | undefined): [string, string][] {
  return headers === undefined ? [] : [...headers].filter(([name]) => !CONNECTION_SPECIFIC.has(name));
}
