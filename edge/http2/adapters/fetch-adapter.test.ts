import { connect } from 'node:http2';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { TurnGate } from '../../../http/connections/turn-gate.ts';
import { Http2ErrorCode } from '../error-code.ts';
import { Flag, FrameType } from '../frames/frame.ts';
import { openServer } from '../testing/open-server.ts';
import { frame, open, RawPeer, uint32 } from '../testing/raw-peer.ts';
import { type FetchHandler, serveFetch } from './fetch-adapter.ts';

async function request(port: number, headers: Record<string, string>, body?: string | Buffer) {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request(headers, { endStream: body === undefined });
  let response: Record<string, unknown> = {};
  stream.on('response', (fields) => {
    response = fields;
  });
  if (body !== undefined) stream.end(body);
  const text = Buffer.concat(await stream.toArray()).toString();
  session.destroy();
  return { headers: response, text };
}

const serve = (fetch: FetchHandler) => openServer({ onRequest: serveFetch(fetch) });

test('serves a Hono app', async () => {
  const app = new Hono();
  app.get('/hello/:name', (c) =>
    c.json({ hello: c.req.param('name'), q: c.req.query('q'), host: c.req.header('host') }),
  );
  app.post('/echo', async (c) => c.text(await c.req.text(), 201, { 'x-cookie': c.req.header('cookie') ?? '' }));
  await using server = await serve((req) => app.fetch(req));
  const got = await request(server.port, { ':path': '/hello/you?q=1', ':authority': 'example.com' });
  expect(JSON.parse(got.text)).toEqual({ hello: 'you', q: '1', host: 'example.com' });
  expect([got.headers[':status'], got.headers['content-type'], typeof got.headers.date]).toEqual([
    200,
    'application/json',
    'string',
  ]);
  const large = Buffer.alloc(1_000_000, 'x');
  const echoed = await request(server.port, { ':method': 'POST', ':path': '/echo', cookie: 'a=b; c=d' }, large);
  expect([echoed.headers[':status'], echoed.headers['x-cookie'], echoed.text.length]).toEqual([
    201,
    'a=b; c=d',
    1_000_000,
  ]);
  expect((await request(server.port, { ':path': '/none' })).headers[':status']).toBe(404);
  const head = await request(server.port, { ':method': 'HEAD', ':path': '/hello/you' });
  expect([head.headers[':status'], head.text]).toEqual([200, '']);
});

test('omits headers that HTTP/2 does not have, and keeps cookies separate', async () => {
  await using server = await serve(() => {
    const headers = new Headers({ connection: 'close', 'transfer-encoding': 'chunked', 'x-a': '1' });
    headers.append('set-cookie', 'a=1');
    headers.append('set-cookie', 'b=2');
    return new Response(null, { status: 204, headers });
  });
  const { headers } = await request(server.port, { ':path': '/' });
  expect([headers[':status'], headers.connection, headers['x-a'], headers['set-cookie']]).toEqual([
    204,
    undefined,
    '1',
    ['a=1', 'b=2'],
  ]);
});

test('an invalid authority is a bad request', async () => {
  await using server = await serve(() => new Response('served'));
  using peer = await RawPeer.connect(server.port);
  peer.send(open(1, { ':authority': 'a b' }, Flag.END_STREAM), open(3, { ':path': '//evil/x' }, Flag.END_STREAM));
  const bad = await peer.receive(FrameType.HEADERS, 1);
  expect(bad.payload[0]).toBe(0x8c);
  await peer.receive(FrameType.DATA, 3);
});

test('a reset aborts the signal and cancels the response body', async () => {
  const events: string[] = [];
  await using server = await serve((req) => {
    req.signal.addEventListener('abort', () => events.push('abort'));
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(10_000)),
      cancel: () => void events.push('cancel'),
    });
    return new Response(body);
  });
  using peer = await RawPeer.connect(server.port);
  peer.send(open(1, { ':method': 'GET' }, Flag.END_STREAM));
  await peer.receive(FrameType.DATA, 1);
  peer.send(frame(FrameType.RST_STREAM, 0, 1, uint32(Http2ErrorCode.CANCEL)));
  await expect.poll(() => events.toSorted()).toEqual(['abort', 'cancel']);
});

test('an unread body waits in the peer', async () => {
  let read: (() => void) | undefined;
  await using server = await openServer({
    onRequest: serveFetch(async (req) => {
      await new Promise<void>((resolve) => {
        read = resolve;
      });
      return new Response(`${(await req.arrayBuffer()).byteLength}`);
    }),
    limits: { streamWindowBytes: 65_535 },
  });
  using peer = await RawPeer.connect(server.port);
  peer.send(open(1), ...Array.from({ length: 3 }, () => frame(FrameType.DATA, 0, 1, Buffer.alloc(16_000))));
  await peer.settled();
  expect(peer.frames.some(({ type, stream }) => type === FrameType.WINDOW_UPDATE && stream === 1)).toBe(false);
  read?.();
  await peer.receive(FrameType.WINDOW_UPDATE, 1);
  peer.send(frame(FrameType.DATA, Flag.END_STREAM, 1, 'end'));
  expect((await peer.receive(FrameType.DATA, 1)).payload.toString()).toBe('48003');
});

test('reads wait for their turn, other requests do not, and none begins that is reset before', async () => {
  const begun: string[] = [];
  const gate = new TurnGate();
  const held: (() => void)[] = [];
  gate.run = (task) => void held.push(task);
  const fetch: FetchHandler = (req) => {
    begun.push(`${req.method} ${new URL(req.url).pathname}`);
    return new Response('ok');
  };
  await using server = await openServer({ onRequest: serveFetch(fetch, gate) });
  using peer = await RawPeer.connect(server.port);
  peer.send(
    open(1, { ':method': 'GET', ':path': '/reset' }, Flag.END_STREAM),
    open(3, { ':method': 'GET', ':path': '/page' }, Flag.END_STREAM),
    open(5, { ':path': '/post' }, Flag.END_STREAM),
    frame(FrameType.RST_STREAM, 0, 1, uint32(Http2ErrorCode.CANCEL)),
  );
  await peer.settled();
  expect(begun).toStrictEqual(['POST /post']);
  for (const begin of held) begin();
  await peer.receive(FrameType.DATA, 3);
  expect(begun).toStrictEqual(['POST /post', 'GET /page']);
});
