import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { CastVoteRequestSchema } from '../../proto/gen/votewire/v1/service_pb.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { Flag, FrameType } from '../http2/frames/frame.ts';
import { literalBlock, open, RawPeer, REQUEST, frame as rawFrame, setting, uint32 } from '../http2/testing/raw-peer.ts';
import { openRpcFixture, type RpcFixture } from '../testing/rpc-fixture.ts';
import { frame } from './framing/frame.ts';

const CAST_VOTE = '/votewire.v1.VoteService/CastVote';
const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
const message = toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote }));
const headers = (stream: number, path = CAST_VOTE) =>
  open(stream, { ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
const data = (stream: number, bytes: Uint8Array, flags = 0) => rawFrame(FrameType.DATA, flags, stream, bytes);

/** Sends one gRPC call with the given body over node:http2. */
async function call(
  fixture: RpcFixture,
  body: Uint8Array | undefined,
  more: Record<string, string> = {},
  path = CAST_VOTE,
) {
  const session = connectHttp2(fixture.baseUrl);
  session.on('error', () => undefined);
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...more,
  });
  const seen: IncomingHttpHeaders = {};
  stream.on('response', (answer) => Object.assign(seen, answer));
  stream.on('trailers', (trailers) => Object.assign(seen, trailers));
  stream.on('error', () => undefined);
  stream.resume();
  const closed = once(stream, 'close');
  if (body !== undefined) stream.end(body);
  await closed;
  session.destroy();
  return { status: seen[':status'], code: seen['grpc-status'], message: seen['grpc-message'], all: seen };
}

/** Asserts that an honest vote is accepted and no other call is open. */
async function assertWell(fixture: RpcFixture): Promise<void> {
  expect((await call(fixture, frame(message))).code).toBe('0');
  await waitFor(() => fixture.rpc.calls === 0, { what: 'calls to end' });
}

test('malformed messages get a status that describes the problem', async () => {
  await using fixture = await openRpcFixture();
  const gzip = { 'grpc-encoding': 'gzip' };
  const compressed = (bytes: Uint8Array) => Buffer.concat([Uint8Array.of(1), frame(bytes).subarray(1)]);
  const cases: [string, Uint8Array, Record<string, string>, string, RegExp][] = [
    ['no message', new Uint8Array(), {}, '12', /one request message; got none/],
    ['two messages', Buffer.concat([frame(message), frame(message)]), {}, '12', /one request message; got more/],
    ['an empty one', frame(new Uint8Array()), {}, '3', /empty/],
    ['a truncated frame', frame(message).subarray(0, 20), {}, '3', /middle of a message/],
    ['half a prefix', Buffer.from([0, 0, 0]), {}, '3', /middle of a message/],
    ['not protobuf', frame(Buffer.from('GET / HTTP/1.1')), {}, '3', /protobuf/],
    ['a length of 2^31', frame(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07])), {}, '3', /protobuf/],
    ['field number 0', frame(Buffer.from([0x02, 0])), {}, '3', /protobuf/],
    ['a huge prefix', Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), {}, '8', /got 4294967295/],
    ['unknown flags', Buffer.from([4, 0, 0, 0, 0]), {}, '13', /flags/],
    ['compressed without an encoding', compressed(gzipSync(message)), {}, '13', /without grpc-encoding/],
    ['a gzip bomb', compressed(gzipSync(Buffer.alloc(1_000_000))), gzip, '8', /when decompressed/],
    ['invalid gzip', compressed(message), gzip, '3', /Malformed gzip/],
    ['an unknown encoding', frame(message), { 'grpc-encoding': 'br' }, '12', /identity,gzip/],
    ['a malformed timeout', frame(message), { 'grpc-timeout': '1 hour' }, '3', /grpc-timeout/],
    ['an expired timeout', Buffer.from([0]), { 'grpc-timeout': '1n' }, '4', /nothing was stored/],
  ];
  for (const [name, body, more, code, text] of cases) {
    const answer = await call(fixture, name === 'an expired timeout' ? undefined : body, more);
    expect(answer.code, name).toBe(code);
    expect(answer.status, name).toBe(200);
    expect(decodeURIComponent(String(answer.message)), name).toMatch(text);
  }
  expect((await call(fixture, frame(message), { 'grpc-encoding': 'br' })).all['grpc-accept-encoding']).toBe(
    'identity,gzip',
  );
  expect((await call(fixture, compressed(gzipSync(message)), gzip)).code).toBe('0');
  expect(fixture.ingress.votes.length).toBe(1);
  await assertWell(fixture);
});

test('a foreign content type is HTTP 415, another method 405, an unknown RPC 12', async () => {
  await using fixture = await openRpcFixture();
  for (const type of ['text/plain', 'image/jpeg', 'application/grpcx']) {
    expect((await call(fixture, frame(message), { 'content-type': type })).status, type).toStrictEqual(415);
  }
  expect((await call(fixture, undefined, { ':method': 'GET', 'content-type': 'application/grpc' })).status).toBe(405);
  expect((await call(fixture, frame(message), {}, '/votewire.v1.VoteService/Nope')).code).toBe('12');
  expect((await call(fixture, frame(message), {}, '/nope')).code).toBe('12');
  expect((await call(fixture, frame(message), { 'content-type': 'application/grpc; charset=utf-8' })).status).toBe(415);
  expect(fixture.ingress.votes.length).toBe(0);
});

test('rapid reset ends the connection, and no vote is accepted before its request is complete', async () => {
  await using fixture = await openRpcFixture();
  const peer = await RawPeer.connect(fixture.port);
  const started = performance.now();
  for (let i = 0; i < 10_000; i++) {
    const stream = 2 * i + 1;
    peer.send(headers(stream), data(stream, frame(message)), rawFrame(FrameType.RST_STREAM, 0, stream, uint32(8)));
  }
  await peer.closed();
  expect(performance.now() - started).toBeLessThan(3000);
  expect(peer.frames.some(({ type }) => type === FrameType.GOAWAY)).toBeTruthy();
  expect(fixture.ingress.votes.length).toBe(0);
  await assertWell(fixture);
});

test('floods of CONTINUATION, SETTINGS, PING and empty DATA do not delay honest callers', async () => {
  await using fixture = await openRpcFixture();
  const continuation = await RawPeer.connect(fixture.port);
  continuation.send(rawFrame(FrameType.HEADERS, 0, 1, literalBlock({ ...REQUEST, ':path': CAST_VOTE })));
  for (let i = 0; i < 5000; i++) continuation.send(rawFrame(FrameType.CONTINUATION, 0, 1, Buffer.alloc(100, 0x40)));
  const flood = async (one: Uint8Array, first: readonly Uint8Array[] = []) => {
    const peer = await RawPeer.connect(fixture.port);
    peer.send(...first);
    const many = Buffer.concat(Array.from({ length: 2000 }, () => one));
    for (let i = 0; i < 10; i++) peer.send(many);
    return peer;
  };
  const peers = await Promise.all([
    flood(rawFrame(FrameType.SETTINGS, 0, 0, setting(3, 1))),
    flood(rawFrame(FrameType.PING, 0, 0, Buffer.alloc(8))),
    flood(data(1, new Uint8Array()), [headers(1)]),
  ]);
  const started = performance.now();
  await assertWellBeside(fixture);
  expect(performance.now() - started).toBeLessThan(1000);
  await continuation.closed();
  for (const { socket } of peers) socket.destroy();
  expect(fixture.ingress.votes.length).toBe(1);
});

async function assertWellBeside(fixture: RpcFixture): Promise<void> {
  expect((await call(fixture, frame(message))).code).toBe('0');
}

test('a connection may have at most 128 open streams', async () => {
  await using fixture = await openRpcFixture();
  const refused = (peer: RawPeer) => peer.frames.filter(({ type }) => type === FrameType.RST_STREAM);
  // The limit holds whether or not the peer has acknowledged it.
  for (const acknowledgement of [[], [rawFrame(FrameType.SETTINGS, Flag.ACK, 0)]]) {
    const peer = await RawPeer.connect(fixture.port);
    await peer.receive(FrameType.SETTINGS);
    peer.send(...acknowledgement);
    for (let i = 0; i < 200; i++) peer.send(headers(2 * i + 1));
    await waitFor(() => refused(peer).length === 72, { what: '72 refusals' });
    expect(new Set(refused(peer).map(({ payload }) => payload.readUInt32BE()))).toStrictEqual(new Set([7]));
    expect(fixture.rpc.calls).toBe(128);
    peer.socket.destroy();
    await waitFor(() => fixture.rpc.calls === 0, { what: 'calls to end' });
  }
});

test('a caller that never opens its window, or resets while its vote is stored, does not affect others', async () => {
  await using fixture = await openRpcFixture();
  const held: (() => void)[] = [];
  fixture.ingress.delay = (answer) => held.push(answer);
  // SETTINGS_INITIAL_WINDOW_SIZE 0: headers get through, but not the message.
  const closedWindow = await RawPeer.connect(fixture.port, setting(4, 0));
  const reset = await RawPeer.connect(fixture.port);
  const gone = await RawPeer.connect(fixture.port);
  for (const peer of [closedWindow, reset, gone]) peer.send(headers(1), data(1, frame(message), Flag.END_STREAM));
  await waitFor(() => held.length === 3, { what: 'three votes' });
  reset.send(rawFrame(FrameType.RST_STREAM, 0, 1, uint32(2)));
  gone.socket.resetAndDestroy();
  await waitFor(() => fixture.listener.connections === 2, { what: 'the lost connection to be noticed' });
  await waitFor(() => fixture.rpc.calls === 1, { what: 'the lost calls to be noticed' });
  for (const answer of held) answer();
  await waitFor(() => closedWindow.frames.some(({ type }) => type === FrameType.HEADERS), {
    what: 'the answer to begin',
  });
  expect(closedWindow.frames.some(({ type }) => type === FrameType.DATA)).toBeFalsy();
  fixture.ingress.delay = setImmediate;
  expect((await call(fixture, frame(message))).code).toBe('0');
  expect(reset.frames.some(({ type }) => type === FrameType.HEADERS)).toBeFalsy();
  // After the window opens, the answer arrives.
  closedWindow.send(rawFrame(FrameType.WINDOW_UPDATE, 0, 1, uint32(1024)));
  await waitFor(() => closedWindow.frames.some(({ type }) => type === FrameType.DATA), { what: 'the message' });
  closedWindow.socket.destroy();
  reset.socket.destroy();
  await waitFor(() => fixture.rpc.calls === 0, { what: 'calls to end' });
});

test('malformed HTTP/2 ends only its own connection', async () => {
  await using fixture = await openRpcFixture();
  const cases: Uint8Array[] = [
    rawFrame(FrameType.HEADERS, Flag.END_HEADERS, 1, Buffer.from([0xff, 0xff, 0xff, 0xff])),
    rawFrame(FrameType.WINDOW_UPDATE, 0, 0, uint32(0)),
    data(0, message),
    Buffer.concat([headers(1), rawFrame(FrameType.SETTINGS, 0, 1)]),
    Buffer.alloc(1000, 0xff),
  ];
  for (const bytes of cases) {
    const peer = await RawPeer.connect(fixture.port);
    peer.send(bytes);
    await peer.closed();
  }
  expect(fixture.ingress.votes.length).toBe(0);
  await assertWell(fixture);
});

test('a half-open request and an unread answer are dropped', async () => {
  await using fixture = await openRpcFixture({ callLimits: { receiveTimeoutMs: 100, lingerMs: 100 } });
  const reset = (peer: RawPeer) =>
    peer.frames.find(({ type }) => type === FrameType.RST_STREAM)?.payload.readUInt32BE();

  const halfOpen = await RawPeer.connect(fixture.port);
  halfOpen.send(headers(1), data(1, frame(message).subarray(0, 10)));
  await waitFor(() => reset(halfOpen) !== undefined, { what: 'the half-open request to be given up' });
  expect(reset(halfOpen)).toBe(0);
  expect(
    halfOpen.frames.some(({ type }) => type === FrameType.HEADERS),
    'answered with a status first',
  ).toBeTruthy();

  const halfMessage = await RawPeer.connect(fixture.port);
  halfMessage.send(headers(1, '/votewire.v1.VoteService/StreamVotes'), data(1, frame(message).subarray(0, 10)));
  await waitFor(() => reset(halfMessage) !== undefined, { what: 'the half message to be given up' });

  const closedWindow = await RawPeer.connect(fixture.port, setting(4, 0));
  closedWindow.send(headers(1), data(1, frame(message), Flag.END_STREAM));
  await waitFor(() => reset(closedWindow) !== undefined, { what: 'the unread answer to be given up' });
  expect(reset(closedWindow)).toBe(8);

  await assertWell(fixture);
  for (const { socket } of [halfOpen, halfMessage, closedWindow]) socket.destroy();
});

test('an invalid Host is rejected, over HTTP/2 and HTTP/1', async () => {
  await using fixture = await openRpcFixture();
  const path = '/votewire.v1.VoteService/GetResults';
  const json = { 'content-type': 'application/json' };
  expect((await call(fixture, Buffer.from('{}'), { ...json, ':authority': '[' }, path)).status).toBe(400);
  for (const [head, status] of [
    ['HTTP/1.1\r\nHost: [', 400],
    ['HTTP/1.1', 400],
    // HTTP/1.0 requires no Host header; the empty contest is unknown.
    ['HTTP/1.0', 404],
  ] as const) {
    const socket = connectTcp(fixture.port, '127.0.0.1');
    socket.write(`POST ${path} ${head}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString().slice(0, 12), head).toBe(`HTTP/1.1 ${status}`);
    socket.destroy();
  }
  await assertWell(fixture);
});

test("an unfinished body is cut off on Connect's router too, except for a stream's", async () => {
  await using fixture = await openRpcFixture({ callLimits: { receiveTimeoutMs: 150, lingerMs: 100 } });
  const session = connectHttp2(fixture.baseUrl);
  const open = (method: string, type: string) => {
    const path = `/votewire.v1.VoteService/${method}`;
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': type });
    stream.on('error', () => undefined).resume();
    return stream;
  };
  const stream = open('StreamVotes', 'application/connect+proto');
  stream.write(Buffer.from([0]));
  // Two unfinished calls take twice the limit; the stream is still open after the second is cut off.
  for (let i = 0; i < 2; i++) {
    const dribbled = open('CastVote', 'application/proto');
    const dribble = setInterval(() => dribbled.write('x'), 40);
    await once(dribbled, 'close');
    clearInterval(dribble);
    expect(dribbled.rstCode).toBe(8);
  }
  expect(stream.closed).toBe(false);
  // The connection is still usable.
  const honest = open('CastVote', 'application/proto');
  const answered = once(honest, 'response');
  honest.end(message);
  expect(((await answered) as [IncomingHttpHeaders])[0][':status']).toBe(200);
  session.destroy();
  await waitFor(() => fixture.listener.connections === 0, { what: 'the connection to close' });
});
