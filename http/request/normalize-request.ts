import type { IncomingMessage } from 'node:http';

/** The scheme and authority of an absolute-form target, which proxies may send (RFC 9112, 3.2.2). */
const ABSOLUTE = /^https?:\/\/([^/?#]+)/i;

/**
 * Gives an HTTP/1.x request the form that all handlers expect: a path as its target, and a host, which HTTP/1.0 may
 * omit. Returns false for a request with several hosts (RFC 9112, 3.2): two servers could disagree about which one
 * counts.
 */
export function normalizeRequest(req: IncomingMessage): boolean {
  let hosts = 0;
  for (let i = 0; i < req.rawHeaders.length; i += 2) if (/^host$/i.test(req.rawHeaders[i] ?? '')) hosts++;
  if (hosts > 1) return false;
  const [prefix, authority] = ABSOLUTE.exec(req.url ?? '') ?? [];
  if (prefix !== undefined) {
    const path = req.url?.slice(prefix.length) ?? '';
    req.url = path.startsWith('/') ? path : `/${path}`;
    req.headers.host = authority;
  }
  // `OPTIONS *` asks about the server as a whole (RFC 9110, 9.3.7).
  if (req.url === '*' && req.method === 'OPTIONS') req.url = '/';
  req.headers.host ??= 'localhost';
  return true;
}
