import { once } from 'node:events';
import http2 from 'node:http2';
import { connect } from 'node:net';
import { afterEach, assert, describe, expect, test } from 'vitest';
import { waitFor } from '../../tests/support/wait-for.ts';
import type { EdgeProcess } from '../testing/edge-process.ts';
import { useEdge } from '../testing/use-edge.ts';

const VOTE = '{"contest":"cats-vs-dogs","choice":"cats","voter":"ana"}';
const JSON_TYPE = { 'content-type': 'application/json' };

describe('hostile input over HTTP', () => {
  let edge: EdgeProcess;
  useEdge({ env: { RATE_LIMIT_PER_SECOND: '0' } }, (started) => {
    ({ edge } = started);
  });

  afterEach(async () => {
    expect((await post(VOTE)).status, 'the edge still accepts votes').toBe(202);
    expect(edge.output(), 'nothing was logged').not.toMatch(/Error|Warning|failed/);
  });

  const ask = (path: string, init?: RequestInit) => fetch(`${edge.httpUrl}${path}`, { redirect: 'manual', ...init });
  const post = (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = JSON_TYPE,
    path = '/v1/votes',
  ) => ask(path, { method: 'POST', body, headers });

  async function refused(response: Response, status: number, code: string): Promise<Record<string, unknown>> {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const body = (await response.json()) as Record<string, unknown>;
    expect([response.status, body.code, body.status], JSON.stringify(body)).toStrictEqual([status, code, status]);
    assert(typeof body.title === 'string' && typeof body.detail === 'string' && typeof body.type === 'string');
    return body;
  }

  test('malformed and invalid bodies', async () => {
    const rows: [string, number, string][] = [
      ['', 400, 'empty_body'],
      ['{', 400, 'malformed_json'],
      [`${VOTE}x`, 400, 'malformed_json'],
      ['[]', 422, 'wrong_type'],
      ['{"contest":"cats-vs-dogs","contest":"cats-vs-dogs"}', 400, 'duplicate_key'],
      ['{"__proto__":"x"}', 422, 'unknown_field'],
      ['{"voter":{"$ne":null}}', 422, 'wrong_type'],
      ['{"voter":null}', 422, 'wrong_type'],
      [VOTE.replace('"ana"', '"\\ud800"'), 400, 'invalid_utf8'],
      [VOTE.replace('}', ',"sequence":1.5}'), 422, 'out_of_range'],
      [VOTE.replace('}', ',"sequence":"one"}'), 422, 'wrong_type'],
      [VOTE.replace('"ana"', '" ana"'), 422, 'invalid_character'],
      [VOTE.replace('cats-vs-dogs', '}{\\r\\n'), 422, 'invalid_character'],
      [VOTE.replace('cats-vs-dogs', 'constructor'), 404, 'unknown_contest'],
      [VOTE.replace('"cats"', '"toString"'), 422, 'invalid_character'],
    ];
    for (const [body, status, code] of rows) await refused(await post(body), status, code);
    await refused(await post(new Uint8Array([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d])), 400, 'invalid_utf8');
    const deep = await post('['.repeat(4000));
    expect([400, 422].includes(deep.status)).toBeTruthy();
  });

  test('a problem names the byte offset', async () => {
    const body = await refused(await post('{"contest":"cats-vs-dogs" "x"}'), 400, 'malformed_json');
    expect((body.errors as { offset: number }[])[0]?.offset).toBe(26);
  });

  test('content types and encodings', async () => {
    for (const type of [
      'text/plain',
      'image/jpeg',
      'application/jsonx',
      'application/json; charset=latin1',
      'multipart/form-data',
    ]) {
      await refused(await post(VOTE, { 'content-type': type }), 415, 'unsupported_media_type');
    }
    await refused(await post(VOTE, { ...JSON_TYPE, 'content-encoding': 'gzip' }), 415, 'unsupported_media_type');
    await refused(await ask('/v1/votes', { method: 'POST', body: new Uint8Array(0) }), 415, 'unsupported_media_type');
    expect((await post(VOTE, { 'content-type': 'Application/JSON; charset="UTF-8"' })).status).toBe(202);
    for (const coding of ['identity', 'Identity', '']) {
      expect((await post(VOTE, { ...JSON_TYPE, 'content-encoding': coding })).status, coding).toBe(202);
    }
    for (const type of [
      'application/json; charset=utf8',
      'application/json;CHARSET=UTF-8',
      'application/json; charset="utf-8"; x=y',
    ]) {
      expect((await post(VOTE, { 'content-type': type })).status, type).toBe(202);
    }
    const coded = await post(VOTE, { ...JSON_TYPE, 'content-encoding': 'GZIP' });
    expect(coded.headers.get('accept-encoding')).toBe('identity');
    const typed = await post(VOTE, { 'content-type': 'text/plain' });
    expect(typed.headers.get('accept-post') ?? '').toMatch(/^application\/json, /);
  });

  test('bodies over the limit, announced and not', async () => {
    await refused(await post(`${VOTE}${' '.repeat(5000)}`), 413, 'too_large');
    const lines = new Uint8Array(1024 * 1024 + 1).fill(0x20);
    await refused(await post(lines, { 'content-type': 'application/x-ndjson' }), 413, 'too_large');
    const chunked = await converse([
      'POST /v1/votes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      `1400\r\n${' '.repeat(0x1400)}\r\n`,
    ]);
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    const announced = await converse([
      'POST /v1/votes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n',
    ]);
    expect(announced).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('body limits and content types over HTTP/2', async () => {
    const session = http2.connect(edge.httpUrl);
    const send = async (body: string, headers: http2.OutgoingHttpHeaders) => {
      const stream = session.request({ ':method': 'POST', ':path': '/v1/votes', ...headers });
      stream.end(body);
      const [answer] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders];
      stream.close();
      return answer[':status'];
    };
    expect(await send(VOTE, JSON_TYPE)).toBe(202);
    expect(await send(' '.repeat(200_000), JSON_TYPE)).toBe(413);
    expect(await send(' '.repeat(200_000), { ...JSON_TYPE, 'content-length': 200_000 })).toBe(413);
    expect(await send(VOTE, { 'content-type': 'text/plain' })).toBe(415);
    expect(await send(VOTE, JSON_TYPE)).toBe(202);
    session.destroy();
  });

  test('requests that are not HTTP', async () => {
    const head = 'POST /v1/votes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n';
    const rows: [string, RegExp][] = [
      [`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1\.1 400 /],
      [`${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, /^HTTP\/1\.1 400 /],
      [`${head}Content-Length: -1\r\n\r\n`, /^HTTP\/1\.1 400 /],
      [`${head}Transfer-Encoding: xchunked\r\n\r\n`, /^HTTP\/1\.1 400 /],
      ['POST /v1/votes HTTP/1.1\r\n\r\n', /^HTTP\/1\.1 400 /],
      ['GET /\u0000 HTTP/1.1\r\nHost: h\r\n\r\n', /^HTTP\/1\.1 400 /],
      [`${head}Expect: 200-maybe\r\nContent-Length: 0\r\n\r\n`, /^HTTP\/1\.1 417 /],
      [`GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ];
    for (const [bytes, expected] of rows)
      expect(await converse([bytes]), JSON.stringify(bytes.slice(0, 90))).toMatch(expected);
    const expectation = `${head}Expect: 100-continue\r\nContent-Length: ${VOTE.length}\r\nConnection: close\r\n\r\n`;
    expect(await converse([expectation, VOTE])).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 202 /);
  });

  test('the OpenAPI document', async () => {
    const { openapi, paths } = (await (await ask('/openapi.json')).json()) as { openapi: string; paths: object };
    expect(openapi).toBe('3.1.0');
    assert('/v1/votes' in paths);
  });

  test('methods and paths', async () => {
    for (const [path, allow] of [
      ['/v1/votes', 'POST'],
      ['/v1/contests', 'GET, HEAD'],
      ['/visits', 'GET, HEAD'],
      ['/c/bandas', 'GET, HEAD'],
      ['/openapi.json', 'GET, HEAD'],
    ] as const) {
      const response = await ask(path, { method: 'DELETE' });
      expect(response.headers.get('allow')).toBe(allow);
      await refused(response, 405, 'method_not_allowed');
      expect((await converse([`QUERY ${path} HTTP/1.1\r\nHost: h\r\n\r\n`])).slice(0, 12)).toBe('HTTP/1.1 405');
    }
    for (const path of [
      '/nothing',
      '/v1/votes/',
      '/v1/votesx',
      '/assets/..%2f..%2fpackage.json',
      '/assets/%252e%252e/x',
      '//etc/passwd',
      '/assets/app.ts',
    ]) {
      await refused(await ask(path), 404, 'not_found');
    }
    await refused(await ask('/v1/contests/missing'), 404, 'unknown_contest');
    await refused(await ask('/v1/contests/__proto__/results'), 404, 'unknown_contest');
    await refused(await post(VOTE, JSON_TYPE, '/v1/votes?wait=maybe'), 422, 'invalid_argument');
    await refused(await post(VOTE, JSON_TYPE, '/v1/votes?voter[$ne]=&$where=1'), 422, 'invalid_argument');
    const dashboards = await refused(await ask('/api/contests'), 404, 'not_found');
    expect(String(dashboards.detail)).toMatch(/the dashboard serves \/api on DASHBOARD_PORT \(8090 by default\)/);
  });

  test('an unknown path returns a page to browsers', async () => {
    const accept = (value: string) => ask('/nope<b>', { headers: { accept: value } });
    const page = await accept('text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8');
    expect([page.status, page.headers.get('content-type')]).toStrictEqual([404, 'text/html; charset=utf-8']);
    const text = await page.text();
    expect(text).toMatch(/<h1>Page not found<\/h1>/);
    expect(text).not.toMatch(/nope<b>/);
    for (const value of ['*/*', 'application/json', 'application/json, text/html;q=0.5', 'text/html;q=0']) {
      await refused(await accept(value), 404, 'not_found');
    }
  });

  test('the message contains the rejected value, shortened and escaped', async () => {
    const rows: [Response, string][] = [
      [await post(VOTE, { 'content-type': 'text/plain' }), 'without Content-Encoding; got "text/plain"'],
      [await post(VOTE, { ...JSON_TYPE, 'content-encoding': 'gzip' }), 'without Content-Encoding; got "gzip"'],
      [await post(VOTE, { ...JSON_TYPE, origin: 'https://evil.example' }), 'got the origin "https://evil.example"'],
      [await ask('/v1/receipts/x%22y'), 'Unknown receipt "x\\"y"'],
      [await ask('/v1/contests/%E2%80%AEx'), 'Unknown contest "\\u202ex"'],
      [await ask(`/v1/contests/${'x'.repeat(65)}`), `Unknown contest "${'x'.repeat(64)}…"`],
      [await post('[1]'), 'A vote must be one JSON object; got an array at byte 0'],
    ];
    for (const [response, end] of rows) {
      const { detail } = (await response.json()) as { detail: string };
      expect(detail.endsWith(end), detail).toBeTruthy();
    }
  });

  test('a message with non-ASCII characters arrives intact', async () => {
    const lines = `${VOTE}\n{"contest":"cats-vs-dogs","choice":"cats","voter":{"é":1},"sequence":"é"}`;
    const response = await post(lines, { 'content-type': 'application/x-ndjson' });
    expect(response.status).toBe(202);
    expect(((await response.json()) as { rejected: unknown[] }).rejected.length).toBe(1);
    const one = await post(`${VOTE}\n{"sequence":"é"}`, { 'content-type': 'application/x-ndjson' });
    expect(JSON.stringify(await one.json())).toContain('got \\"é\\"');
  });

  test('forged receipts', async () => {
    const { receipt } = (await (await post(VOTE)).json()) as { receipt: string };
    expect((await ask(`/v1/receipts/${receipt}`)).status).toBe(200);
    const flip = (at: number) => receipt.slice(0, at) + (receipt[at] === 'A' ? 'B' : 'A') + receipt.slice(at + 1);
    for (const forged of [
      flip(0),
      flip(20),
      flip(30),
      flip(36),
      flip(37),
      receipt.slice(1),
      `${receipt}A`,
      'x',
      '%00',
    ]) {
      await refused(await ask(`/v1/receipts/${forged}`), 404, 'unknown_receipt');
    }
  });

  test('browsers on other sites', async () => {
    const foreign = { origin: 'https://evil.example' };
    await refused(await post(VOTE, { ...JSON_TYPE, ...foreign }), 403, 'forbidden');
    await refused(await post(VOTE, { ...JSON_TYPE, origin: 'null' }), 403, 'forbidden');
    expect((await post(VOTE, { ...JSON_TYPE, origin: edge.httpUrl })).status).toBe(202);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const foreignForm = await post('contest=cats-vs-dogs&choice=cats', { ...form, ...foreign });
    expect([foreignForm.status, foreignForm.headers.get('content-type')]).toStrictEqual([
      403,
      'text/html; charset=utf-8',
    ]);
    const notABrowser = await post('contest=cats-vs-dogs&choice=cats', form);
    expect(await notABrowser.clone().text()).toMatch(/content-type: application\/json/);
    await refused(notABrowser, 403, 'forbidden');
    const preflight = await ask('/v1/votes', {
      method: 'OPTIONS',
      headers: { ...foreign, 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(null);
  });

  test('disconnects slow senders within six seconds', async () => {
    const began = performance.now();
    const answers = await Promise.all([
      converse(['POST /v1/votes HTTP/1.1\r\nHost'], 8000),
      converse(
        [`POST /v1/votes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`],
        8000,
      ),
    ]);
    expect(performance.now() - began, `${performance.now() - began} ms`).toBeLessThan(6500);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('cuts off an unfinished body over HTTP/2 even on an active connection', async () => {
    const session = http2.connect(edge.httpUrl);
    const began = performance.now();
    const stream = session.request({
      ':method': 'POST',
      ':path': '/v1/votes',
      'content-type': 'application/x-ndjson',
    });
    const drip = setInterval(() => stream.write(' '), 200);
    try {
      await once(stream, 'close', { signal: AbortSignal.timeout(8000) });
    } finally {
      clearInterval(drip);
      session.destroy();
    }
    expect(performance.now() - began, `${performance.now() - began} ms`).toBeLessThan(6500);
  });

  /** Sends bytes over a new connection and returns the answer once it is complete or the connection is closed. */
  async function converse(parts: readonly string[], patienceMs = 5000): Promise<string> {
    const socket = connect(Number(new URL(edge.httpUrl).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('error', (error) => {
      answer ||= error.message;
    });
    for (const part of parts) socket.write(part, 'latin1');
    await waitFor(() => socket.closed || isComplete(answer), { timeoutMs: patienceMs });
    socket.destroy();
    return answer;
  }
});

/** Whether a final answer has arrived completely. */
function isComplete(answer: string): boolean {
  const final = answer.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
  const end = final.indexOf('\r\n\r\n');
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(final)) return final.endsWith('\r\n0\r\n\r\n');
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(final)?.[1];
  return end > 0 && length !== undefined && final.length >= end + 4 + Number(length);
}
