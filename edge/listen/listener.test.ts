import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { assert, expect, test, vi } from 'vitest';
import { waitFor } from '../../tests/support/wait-for.ts';
import { FRAME, h2Frame, PREFACE, rawPeer } from '../testing/raw-http2.ts';
import { type ListenerOptions, openListener } from './listener.ts';

const open = (options: Partial<ListenerOptions> = {}) =>
  openListener({
    host: '127.0.0.1',
    port: 0,
    request: (req, res) => {
      let bytes = 0;
      req.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      req.on('end', () => res.end(`HTTP/${req.httpVersion} ${req.url} ${bytes}`));
    },
    ...options,
  });

/** Everything that comes until the peer closes. */
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

test('one port answers HTTP/1.1 and HTTP/2', async () => {
  await using listener = await open();
  expect(await (await fetch(`http://127.0.0.1:${listener.port}/a`, { method: 'POST', body: 'abc' })).text()).toBe(
    'HTTP/1.1 /a 3',
  );
  expect(await http2Get(listener.port, '/b')).toBe('HTTP/2.0 /b 0');
});

test('the first bytes may come one by one, and requests may be pipelined', async () => {
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
  // A request that begins as the preface does.
  expect(await converse(listener.port, [Buffer.from('PRI * HTTP/1.1\r\nHost: h\r\n\r\n')])).toMatch(/^HTTP\/1.1 400/);

  const peer = connect(listener.port, '127.0.0.1');
  for (const byte of PREFACE) {
    peer.write(Uint8Array.of(byte));
    await delay(1);
  }
  peer.write(h2Frame(FRAME.SETTINGS, 0, 0));
  const [hello] = (await once(peer, 'data')) as [Buffer];
  expect(hello[3]).toBe(FRAME.SETTINGS);
  peer.destroy();
});

test('a peer that is silent, slow or gone is cut', async () => {
  await using listener = await open({
    limits: { silentMs: 100, headersMs: 200, requestMs: 400, checkMs: 50, firstStreamMs: 150, keepAliveMs: 100 },
  });
  const started = performance.now();
  const [silent, half, headers, body, preface] = await Promise.all([
    converse(listener.port, []),
    converse(listener.port, [PREFACE.subarray(0, 10)]),
    converse(listener.port, [Buffer.from('GET / HTTP/1.1\r\nHost: h\r\n')]),
    converse(listener.port, [Buffer.from('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab')]),
    converse(listener.port, [PREFACE, h2Frame(FRAME.SETTINGS, 0, 0)]),
  ]);
  expect(silent).toBe('');
  expect(half).toBe('');
  expect(headers).toMatch(/^HTTP\/1.1 408/);
  expect(body).toMatch(/^HTTP\/1.1 408/);
  expect(preface.charCodeAt(3)).toBe(FRAME.SETTINGS);
  expect(performance.now() - started).toBeLessThan(2000);
  await waitFor(() => listener.connections === 0);
});

test('an idle HTTP/2 connection is told to go away, and one whose peer is gone is closed', async () => {
  await using listener = await open({ limits: { idleMs: 100, pingMs: 100 } });
  const session = connectHttp2(`http://127.0.0.1:${listener.port}`);
  session.request({ ':path': '/' }).resume();
  await once(session, 'goaway');
  await once(session, 'close');

  let answer: (() => void) | undefined;
  await using waiting = await open({
    request: (_req, res) => {
      answer = () => res.end();
    },
    limits: { idleMs: 100, pingMs: 100 },
  });
  const dead = await rawPeer(waiting.port);
  const { grpcHeaders } = await import('../testing/raw-http2.ts');
  dead.send(h2Frame(FRAME.HEADERS, 5, 1, grpcHeaders('/')));
  await dead.closed;
  expect(dead.frames.some(({ type }) => type === FRAME.PING)).toBeTruthy();
  assert(answer);
});

test('a stop ends idle connections at once, lets answers finish, and takes nobody new', async () => {
  const held: (() => void)[] = [];
  const listener = await open({
    request: (req, res) => void (req.url === '/held' ? held.push(() => res.end('late')) : res.end('ok')),
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
  expect((await get('/')).connection).toBe('keep-alive');
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const away = once(session, 'goaway');
  const heldStream = session.request({ ':path': '/held' });
  const late = get('/held');
  await waitFor(() => held.length === 2);
  connect(port, '127.0.0.1').on('error', () => undefined);
  await waitFor(() => listener.connections === 3);

  const closed = listener.close(5000);
  await away;
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  const started = performance.now();
  for (const answer of held) answer();
  expect(await late).toStrictEqual({ body: 'late', connection: 'close' });
  expect((await heldStream.setEncoding('utf8').toArray()).join('')).toBe('late');
  await closed;
  expect(performance.now() - started).toBeLessThan(1000);
  expect(listener.connections).toBe(0);
  agent.destroy();
});

test('a stop cuts what does not end in time', async () => {
  const listener = await open({ request: () => undefined });
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

test('too many and too large headers are refused', async () => {
  await using listener = await open();
  const get = (headers: string) => Buffer.from(`GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${headers}\r\n`);
  expect(await converse(listener.port, [get(`x: ${'a'.repeat(20_000)}\r\n`)])).toMatch(/^HTTP\/1.1 431/);
  const many = Array.from({ length: 200 }, (_, i) => `x${i}: y\r\n`).join('');
  expect(await converse(listener.port, [get(many)])).toMatch(/^HTTP\/1.1 431/);
  const session = connectHttp2(`http://127.0.0.1:${listener.port}`);
  // The limit holds from the moment that the peer has taken note of it.
  await session.request({ ':path': '/' }).toArray();
  const stream = session.request({ ':path': '/', x: 'a'.repeat(20_000) });
  const [error] = (await once(stream, 'error')) as [Error];
  expect(error.message).toMatch(/ENHANCE_YOUR_CALM/);
  session.destroy();
});

test('a handler that throws costs its own request alone', async ({ onTestFinished }) => {
  const errors = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => errors.mockRestore());
  await using listener = await open({
    request: (req, res) => {
      if (req.url === '/throw') throw new Error('on purpose');
      res.end('ok');
    },
  });
  await expect(fetch(`http://127.0.0.1:${listener.port}/throw`)).rejects.toThrow();
  await expect(http2Get(listener.port, '/throw')).rejects.toThrow();
  expect(await http2Get(listener.port, '/')).toBe('ok');
});
