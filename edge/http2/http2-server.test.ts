import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { encodeHeaders } from './hpack/encode-headers.ts';
import type { Http2Stream } from './stream/http2-stream.ts';
import type { StreamHandler } from './stream/stream-handler.ts';
import { Echo } from './testing/echo.ts';
import { type OpenServer, openServer } from './testing/open-server.ts';

const HEAD = encodeHeaders([[':status', '200']]);
const ignore = () => undefined;

function client(server: OpenServer, settings = {}): ClientHttp2Session & Disposable {
  const session = connect(`http://127.0.0.1:${server.port}`, { settings });
  return Object.assign(session, { [Symbol.dispose]: () => session.destroy() });
}

async function read(stream: ClientHttp2Stream) {
  let trailers: Record<string, unknown> = {};
  stream.on('trailers', (fields) => {
    trailers = fields;
  });
  const responded = once(stream, 'response');
  const body = Buffer.concat(await stream.toArray());
  const [headers] = await responded;
  return { status: headers[':status'] as number, body, trailers };
}

const post = (session: ClientHttp2Session, body: Uint8Array | string) =>
  read(session.request({ ':method': 'POST', ':path': '/' }).end(body));

test('answers with headers, body and trailers', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
  using session = client(server);
  const { status, body, trailers } = await post(session, 'hello');
  expect([status, body.toString(), trailers['grpc-status']]).toEqual([200, 'hello', '0']);
});

test('answers concurrent streams, each with its own body', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream, 5) });
  using session = client(server);
  await post(session, 'settings are known');
  const bodies = Array.from({ length: 500 }, (_, i) => `body ${i}`);
  const answers = await Promise.all(bodies.map((body) => post(session, body)));
  expect(answers.map(({ body }) => body.toString())).toEqual(bodies);
});

describe('bodies larger than the windows', () => {
  const large = Buffer.from(Uint8Array.from({ length: 3_000_000 }, (_, i) => (i * 7919) >> 8));

  test.each([0, 1, 100, 16_384, 65_535, 2_000_000])(
    'the client starts with a window of %d',
    async (initialWindowSize) => {
      await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
      using session = client(server, { initialWindowSize: Math.max(1, initialWindowSize) });
      const size = initialWindowSize <= 100 ? 10_000 : large.length;
      const stream = session.request({ ':method': 'POST', ':path': '/' });
      if (initialWindowSize === 0) setTimeout(() => session.settings({ initialWindowSize: 65_535 }), 50);
      expect((await read(stream.end(large.subarray(0, size)))).body.equals(large.subarray(0, size))).toBe(true);
    },
  );

  test('concurrent bodies share the window of the connection', async () => {
    await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
    using session = client(server);
    // Node's client gives up at 10 MB of memory.
    const bodies = Array.from({ length: 8 }, (_, i) => large.subarray(i, 400_000));
    const answers = await Promise.all(bodies.map((body) => post(session, body)));
    for (const [i, { body }] of answers.entries()) expect(body.equals(bodies[i] ?? large)).toBe(true);
  });
});

test('an unread body waits in the peer, and is complete once it is read', async () => {
  let stream: Http2Stream | undefined;
  let received = 0;
  let complete = false;
  const onRequest = (each: Http2Stream): StreamHandler => {
    stream = each;
    each.pause();
    const data = (chunk: Buffer) => {
      received += chunk.length;
    };
    const end = () => {
      complete = true;
      each.answer(HEAD, Buffer.from(`${received}`));
    };
    return { data, end, drain: ignore, close: ignore };
  };
  await using server = await openServer({ onRequest, limits: { streamWindowBytes: 65_535 } });
  using session = client(server);
  const answer = post(session, Buffer.alloc(200_000));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([received, complete]).toEqual([0, false]);
  stream?.resume();
  expect((await answer).body.toString()).toBe('200000');
}, 5_000);

test('a response that ends before its request tells the client to stop', async () => {
  await using server = await openServer({
    onRequest: (stream) => {
      stream.respond(encodeHeaders([[':status', '413']]), true);
      return new Echo(stream);
    },
  });
  using session = client(server);
  const stream = session.request({ ':method': 'POST', ':path': '/' });
  stream.write('never ends');
  const [headers] = await once(stream, 'response');
  expect(headers[':status']).toBe(413);
  stream.resume();
  await once(stream, 'close');
  expect(stream.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
});

test('a handler learns how its stream ended', async () => {
  const codes: number[] = [];
  await using server = await openServer({
    onRequest: (stream) => ({
      data: ignore,
      end: () => {
        if (stream.headers.path === '/') stream.answer(HEAD, Buffer.from('x'));
      },
      drain: ignore,
      close: (code) => void codes.push(code),
    }),
  });
  using session = client(server);
  await post(session, 'answered');
  const stream = session.request({ ':method': 'POST', ':path': '/unanswered' });
  stream.on('error', ignore).write('x');
  await new Promise((resolve) => setTimeout(resolve, 20));
  stream.close(constants.NGHTTP2_CANCEL);
  await expect.poll(() => codes).toEqual([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_CANCEL]);
  session.request({ ':method': 'POST', ':path': '/unanswered' }).on('error', ignore).write('x');
  await new Promise((resolve) => setTimeout(resolve, 20));
  session.destroy();
  await expect.poll(() => codes.length).toBe(3);
});

test('an application that throws fails only its own request', async ({ onTestFinished }) => {
  const { error } = console;
  console.error = ignore;
  onTestFinished(() => {
    console.error = error;
  });
  await using server = await openServer({
    onRequest: (stream) => {
      if (stream.headers.path === '/throw') throw new Error('on purpose');
      return new Echo(stream);
    },
  });
  using session = client(server);
  const stream = session.request({ ':method': 'POST', ':path': '/throw' });
  stream.on('error', ignore);
  await new Promise<void>((resolve) => stream.on('close', resolve));
  expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR);
  expect((await post(session, 'ok')).body.toString()).toBe('ok');
});

test('close answers open requests, refuses later ones, and then ends', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream, 100) });
  using session = client(server);
  const goAway = once(session, 'goaway');
  const open = post(session, 'late');
  await expect.poll(() => server.server.connections).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const started = performance.now();
  const closed = server.server.close(5_000);
  await goAway;
  expect((await open).body.toString()).toBe('late');
  await closed;
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(server.server.connections).toBe(0);
});

test('close ends everything when the grace period is over', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream, 60_000) });
  using session = client(server);
  session.on('error', ignore);
  const open = session.request({ ':method': 'POST', ':path': '/' }).on('error', ignore);
  open.end();
  await new Promise((resolve) => setTimeout(resolve, 30));
  const started = performance.now();
  await server.server.close(100);
  expect(performance.now() - started).toBeLessThan(1_000);
});
