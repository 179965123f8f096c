import type { RequestHeaders } from '../headers/request-headers.ts';

/** The URL of a request; undefined if authority and path do not form one. */
export function requestUrl({ authority, path }: RequestHeaders): string | undefined {
  // Not `new URL(path, base)`: a path that begins with two slashes would select another host.
  const url = URL.parse(`http://${authority === '' ? 'localhost' : authority}${path === '*' ? '/' : path}`);
  return url === null || url.username !== '' || url.password !== '' ? undefined : url.href;
}
