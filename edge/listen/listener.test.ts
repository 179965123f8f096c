import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { waitFor } from '../../tests/support/wait-for.ts';
import { answerStreamError } from '../answer-stream-error.ts';
import { edgeLog } from '../edge-log.ts';
import { serveFetch } from '../http2/adapters/fetch-adapter.ts';
import { FrameType, PREFACE } from '../http2/frames/frame.ts';
import type { Http2Limits } from '../http2/limits.ts';
import { frame } from '../http2/testing/raw-peer.ts';
import { directHttp2 } from './direct-http2.ts';
import { frameworkHttp2 } from './framework/http2-server.ts';
import type { ListenerLimits } from './limits.ts';
import { type ListenerOptions, openListener } from './listener.ts';

interface OpenOptions {
  readonly request?: ListenerOptions['request'];
  /** Answers HTTP/2; `framework`: with `request`, by `node:http2`. */
  readonly fetch?: 'framework' | ((request: Request) => Response | Promise<Response>);
  readonly limits?: Partial<ListenerLimits>;
  readonly http2Limits?: Partial<Http2Limits>;
}

const echo: ListenerOptions['request'] = (req, res) => {
  let bytes = 0;
  req.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  req.on('end', () => res.end(`HTTP/${req.httpVersion} ${req.url} ${bytes}`));
};
const echoFetch = async (request: Request) =>
  new Response(`HTTP/2.0 ${new URL(request.url).pathname} ${(await request.bytes()).length}`);

const open = ({ request = echo, fetch: answer = echoFetch, limits = {}, http2Limits = {} }: OpenOptions = {}) =>
  openListener({
    host: '127.0.0.1',
    port: 0,
    request,
    http2:
      answer === 'framework'
        ? frameworkHttp2(request)
        : directHttp2({ onRequest: serveFetch(answer), onError: answerStreamError, limits: http2Limits }),
    limits,
  });

/** Returns everything received until the peer closes. */
async function converse(port: number, chunks: readonly Uint8Array[], pauseMs = 0): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += chunk.toString('latin1');
  });
  socket.on('error', () => socket.destroy());
  const closed = once(socket, 'close');
  for (const chunk of chunks) {
    socket.write(chunk);
    if (pauseMs > 0) await delay(pauseMs);
  }
  await closed;
  return heard;
}

async function http2Get(port: number, path: string): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':path': path });
  const chunks = await stream.setEncoding('utf8').toArray();
  session.close();
  return chunks.join('');
}

test.each([
  ['its own server', echoFetch],
  ['node:http2', 'framework' as const],
])('one port answers HTTP/1.1 and HTTP/2, by %s', async (_name, answer) => {
  await using listener = await open({ fetch: answer });
  expect(await (await fetch(`http://127.0.0.1:${listener.port}/a`, { method: 'POST', body: 'abc' })).text()).toBe(
    'HTTP/1.1 /a 3',
  );
  expect(await http2Get(listener.port, '/b')).toBe('HTTP/2.0 /b 0');
});

test('the first bytes may arrive one by one, and requests may be pipelined', async () => {
  await using listener = await open();
  const request = Buffer.from(
    'POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nokGET /y HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
  );
  const whole = await converse(listener.port, [request]);
  expect(whole).toMatch(/HTTP\/1.1 \/x 2[\s\S]*HTTP\/1.1 \/y 0/);
  const slow = await converse(
    listener.port,
    [...request].map((byte) => Uint8Array.of(byte)),
    1,
  );
  expect(slow).toMatch(/HTTP\/1.1 \/x 2[\s\S]*HTTP\/1.1 \/y 0/);
  // A request that begins like the preface.
  expect(await converse(listener.port, [Buffer.from('PRI * HTTP/1.1\r\nHost: h\r\n\r\n')])).toMatch(/^HTTP\/1.1 400/);

  const peer = connect(listener.port, '127.0.0.1');
  for (const byte of PREFACE) {
    peer.write(Uint8Array.of(byte));
    await delay(1);
  }
  peer.write(frame(FrameType.SETTINGS, 0, 0));
  const [hello] = (await once(peer, 'data')) as [Buffer];
  expect(hello[3]).toBe(FrameType.SETTINGS);
  peer.destroy();
});

test('disconnects a silent, slow or vanished peer', async () => {
  await using listener = await open({
    limits: { silentMs: 100, headersMs: 200, requestMs: 400, checkMs: 50, keepAliveMs: 100, lingerMs: 100 },
    http2Limits: { idleMs: 150, pingMs: 100 },
  });
  const started = performance.now();
  const [silent, half, headers, body, preface] = await Promise.all([
    converse(listener.port, []),
    converse(listener.port, [PREFACE.subarray(0, 10)]),
    converse(listener.port, [Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n')]),
    converse(listener.port, [Buffer.from('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab')]),
    converse(listener.port, [PREFACE, frame(FrameType.SETTINGS, 0, 0)]),
  ]);
  expect(silent).toBe('');
  expect(half).toBe('');
  expect(headers).toMatch(/^HTTP\/1.1 408/);
  expect(body).toMatch(/^HTTP\/1.1 408/);
  expect(preface.charCodeAt(3)).toBe(FrameType.SETTINGS);
  expect(performance.now() - started).toBeLessThan(2000);
  await waitFor(() => listener.connections === 0);
});

test('does not disconnect a client whose bytes wait to be read, however late the process is', async () => {
  await using listener = await open({ limits: { silentMs: 100 } });
  const socket = connect(listener.port, '127.0.0.1');
  await waitFor(() => listener.connections === 1);
  socket.write('GET /late HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  for (const until = performance.now() + 200; performance.now() < until; );
  expect((await socket.setEncoding('latin1').toArray()).join('')).toMatch(/^HTTP\/1.1 200[\s\S]*\/late 0$/);
});

test('a client may close its side after its request, and HTTP/1.0 needs no Host', async () => {
  await using listener = await open();
  const socket = connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end('GET /z HTTP/1.0\r\n\r\n');
  expect((await socket.setEncoding('latin1').toArray()).join('')).toMatch(/^HTTP\/1.1 200[\s\S]*HTTP\/1.0 \/z 0$/);
});

test('the answer to an unread body arrives, however much the client still sends', async () => {
  await using listener = await open({
    request: (_req, res) => void res.writeHead(413, { connection: 'close' }).end('too large'),
  });
  const body = Buffer.alloc(2_000_000, 'x');
  const head = Buffer.from(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n`);
  expect(await converse(listener.port, [head, body])).toMatch(/^HTTP\/1.1 413[\s\S]*too large/);
});

test('a stop waits for one more request on idle connections, lets answers finish, and accepts no new connections', async () => {
  const held: (() => void)[] = [];
  const listener = await open({
    request: (req, res) => void (req.url === '/held' ? held.push(() => res.end('late')) : res.end('ok')),
    fetch: () => new Promise((resolve) => held.push(() => resolve(new Response('late')))),
    limits: { stopIdleMs: 300 },
  });
  const { port } = listener;
  const agent = new Agent({ keepAlive: true });
  const get = (path: string) =>
    new Promise<{ body: string; connection: string | undefined }>((resolve, reject) => {
      httpRequest({ host: '127.0.0.1', port, path, agent }, async (res) => {
        resolve({ body: (await res.setEncoding('utf8').toArray()).join(''), connection: res.headers.connection });
      })
        .on('error', reject)
        .end();
    });
  // Two connections, of which one will be idle.
  expect(await Promise.all([get('/'), get('/')])).toStrictEqual([
    { body: 'ok', connection: 'keep-alive' },
    { body: 'ok', connection: 'keep-alive' },
  ]);
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const away = once(session, 'goaway');
  const heldStream = session.request({ ':path': '/held' });
  const late = get('/held');
  await waitFor(() => held.length === 2);
  connect(port, '127.0.0.1').on('error', () => undefined);
  await waitFor(() => listener.connections === 4);

  const closed = listener.close(5000);
  await away;
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  expect(await get('/')).toStrictEqual({ body: 'ok', connection: 'close' });
  for (const answer of held) answer();
  expect(await late).toStrictEqual({ body: 'late', connection: 'close' });
  expect((await heldStream.setEncoding('utf8').toArray()).join('')).toBe('late');
  await closed;
  expect(listener.connections).toBe(0);
  agent.destroy();
});

test('a stop closes connections that do not end in time', async () => {
  const listener = await open({ request: () => undefined, fetch: () => new Promise(() => undefined) });
  const stuck = converse(listener.port, [Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n\r\n')]);
  const session = connectHttp2(`http://127.0.0.1:${listener.port}`);
  session.on('error', () => undefined);
  session.request({ ':path': '/' }).on('error', () => undefined);
  await waitFor(() => listener.connections === 2);
  const started = performance.now();
  await listener.close(150);
  expect(performance.now() - started).toBeLessThan(1000);
  expect(await stuck).toBe('');
  expect(listener.connections).toBe(0);
});

test('rejects too many and too large headers', async () => {
  await using listener = await open();
  const get = (headers: string) => Buffer.from(`GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${headers}\r\n`);
  expect(await converse(listener.port, [get(`x: ${'a'.repeat(20_000)}\r\n`)])).toMatch(/^HTTP\/1.1 431/);
  const many = Array.from({ length: 200 }, (_, i) => `x${i}: y\r\n`).join('');
  expect(await converse(listener.port, [get(many)])).toMatch(/^HTTP\/1.1 431/);
  const session = connectHttp2(`http://127.0.0.1:${listener.port}`);
  // The limit applies once the peer has received it.
  await session.request({ ':path': '/' }).toArray();
  const stream = session.request({ ':path': '/', x: 'a'.repeat(20_000) });
  const [error] = (await once(stream, 'error')) as [Error];
  expect(error.message).toMatch(/ENHANCE_YOUR_CALM/);
  session.destroy();
});

test('a handler that throws fails only its own request', async ({ onTestFinished }) => {
  const errors = vi.spyOn(edgeLog, 'error').mockImplementation(() => undefined);
  onTestFinished(() => errors.mockRestore());
  await using listener = await open({
    request: (req, res) => {
      if (req.url === '/throw') throw new Error('on purpose');
      res.end('ok');
    },
    fetch: (request) => {
      if (request.url.endsWith('/throw')) throw new Error('on purpose');
      return new Response('ok');
    },
  });
  expect((await fetch(`http://127.0.0.1:${listener.port}/throw`)).status).toBe(500);
  expect(await http2Get(listener.port, '/throw')).toContain('"code":"internal"');
  expect(await http2Get(listener.port, '/')).toBe('ok');
});
