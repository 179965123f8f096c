import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { normalizeRequest } from './normalize-request.ts';

function request(url: string, ...hosts: string[]) {
  const rawHeaders = hosts.flatMap((host) => ['Host', host]);
  return { url, rawHeaders, headers: hosts[0] === undefined ? {} : { host: hosts[0] } } as IncomingMessage;
}

test('every request gets a path and a host', () => {
  const rows: [IncomingMessage, string, string][] = [
    [request('/a?b', 'h'), '/a?b', 'h'],
    [request('/a'), '/a', 'localhost'],
    [request('http://other:80/a?b', 'h'), '/a?b', 'other:80'],
    [request('HTTPS://other', 'h'), '/', 'other'],
    [request('http://other?b', 'h'), '/?b', 'other'],
    [request('//evil/a', 'h'), '//evil/a', 'h'],
    [request('*', 'h'), '*', 'h'],
  ];
  for (const [req, url, host] of rows) {
    expect(normalizeRequest(req)).toBe(true);
    expect([req.url, req.headers.host]).toStrictEqual([url, host]);
  }
});

test('rejects a request with two Host headers', () => {
  expect(normalizeRequest(request('/', 'a', 'b'))).toBe(false);
  expect(normalizeRequest(request('/', 'a', 'a'))).toBe(false);
});
