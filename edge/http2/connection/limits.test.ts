import { describe, expect, test } from 'vitest';
import { Http2ErrorCode as Code } from '../error-code.ts';
import { Flag, FrameType, Setting } from '../frames/frame.ts';
import { encodeHeaders } from '../hpack/encode-headers.ts';
import { HTTP2_LIMITS, type Http2Limits } from '../limits.ts';
import type { Http2Stream } from '../stream/http2-stream.ts';
import { Echo } from '../testing/echo.ts';
import { openServer } from '../testing/open-server.ts';
import { frame, literalBlock, open, RawPeer, REQUEST, setting, uint32 } from '../testing/raw-peer.ts';

const { HEADERS, DATA, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION } = FrameType;
const { END_STREAM, END_HEADERS } = Flag;

const echo = (limits: Partial<Http2Limits> = {}) => openServer({ onRequest: (stream) => new Echo(stream), limits });
const hold = (limits: Partial<Http2Limits> = {}) =>
  openServer({ onRequest: (stream) => new Echo(stream, 60_000), limits });
const times = (count: number, part: (i: number) => Buffer) => Array.from({ length: count }, (_, i) => part(i));
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('floods of cheap frames', () => {
  test.each<[string, keyof Http2Limits, (i: number) => Buffer]>([
    ['SETTINGS', 'settings', () => frame(SETTINGS, 0, 0, setting(Setting.INITIAL_WINDOW_SIZE, 1))],
    ['SETTINGS acknowledgments', 'settings', () => frame(SETTINGS, Flag.ACK, 0)],
    ['PING', 'pings', () => frame(PING, 0, 0, '12345678')],
    ['PING acknowledgments', 'pings', () => frame(PING, Flag.ACK, 0, '12345678')],
    ['empty DATA', 'emptyData', () => frame(DATA, 0, 1)],
    ['DATA with only padding', 'emptyData', () => frame(DATA, Flag.PADDED, 1, '\x01\0')],
    ['PRIORITY', 'priorities', () => frame(PRIORITY, 0, 1, '\0\0\0\0\0')],
    ['WINDOW_UPDATE', 'windowUpdates', () => frame(WINDOW_UPDATE, 0, 0, uint32(1))],
    ['WINDOW_UPDATE of a stream', 'windowUpdates', () => frame(WINDOW_UPDATE, 0, 1, uint32(1))],
    ['unknown frames', 'strayFrames', () => frame(0x42, 0, 0)],
    [
      'rapid reset',
      'resets',
      (i) => Buffer.concat([open(2 * i + 3, {}, END_STREAM), frame(RST_STREAM, 0, 2 * i + 3, uint32(Code.CANCEL))]),
    ],
    ['streams that the server has to reset', 'resets', (i) => open(2 * i + 3, { te: 'gzip' })],
    [
      'streams that the server has to reset later',
      'resets',
      (i) => Buffer.concat([open(2 * i + 3), frame(WINDOW_UPDATE, 0, 2 * i + 3, uint32(0))]),
    ],
    ['DATA on closed streams', 'strayFrames', () => frame(DATA, 0, 1, 'x')],
  ])('%s', async (name, limit, part) => {
    await using server = await hold();
    using peer = await RawPeer.connect(server.port);
    const { burst } = HTTP2_LIMITS[limit] as Http2Limits['pings'];
    peer.send(open(1, name.endsWith('closed streams') ? { te: 'gzip' } : {}));
    peer.send(...times(burst - 20, part));
    await wait(20);
    expect(peer.frames.some(({ type }) => type === GOAWAY)).toBe(false);
    peer.send(...times(60, (i) => part(burst + i)));
    expect(await peer.goAwayCode()).toBe(Code.ENHANCE_YOUR_CALM);
  });

  test('a stream that pauses sending is not stalled', async () => {
    const nothing = () => undefined;
    const quiet = (stream: Http2Stream) => {
      stream.respond(encodeHeaders([[':status', '200']]));
      stream.write(Buffer.from('the first of a few'));
      return { data: nothing, end: nothing, drain: nothing, close: nothing };
    };
    await using server = await openServer({ onRequest: quiet, limits: { stalledMs: 100 } });
    using peer = await RawPeer.connect(server.port);
    peer.send(open(1, {}, END_STREAM));
    await peer.receive(DATA, 1);
    // Connections are checked every half second.
    await wait(1_200);
    await peer.settled();
    expect(peer.frames.filter(({ type }) => type === RST_STREAM || type === GOAWAY)).toStrictEqual([]);
  });

  test('the rest of bodies that were answered early is not a flood, because proxies send it for many clients', async () => {
    await using server = await hold();
    using peer = await RawPeer.connect(server.port);
    peer.send(open(1, { te: 'gzip' }));
    await peer.resetCode(1);
    const { burst } = HTTP2_LIMITS.strayFrames;
    for (let sent = 0; sent < 3 * burst; sent += 100) {
      peer.send(...times(100, () => frame(DATA, 0, 1, Buffer.alloc(1_024))));
      await peer.settled();
    }
    expect(peer.frames.some(({ type }) => type === GOAWAY)).toBe(false);
  });

  test('allows pings and window updates in proportion to answers', async () => {
    await using server = await echo();
    using peer = await RawPeer.connect(server.port);
    const rounds = HTTP2_LIMITS.pings.burst + 100;
    for (let i = 0; i < rounds; i++) {
      const id = 2 * i + 1;
      peer.send(open(id, {}, END_STREAM));
      await peer.receive(DATA, id);
      peer.send(frame(PING, 0, 0, '12345678'), ...times(2, () => frame(WINDOW_UPDATE, 0, 0, uint32(1))));
    }
    peer.send(open(9_999, {}, END_STREAM));
    await peer.receive(DATA, 9_999);
  });
});

describe('answers before the request has ended', () => {
  const refuse = () =>
    openServer({
      onRequest: (stream) => {
        stream.respond(encodeHeaders([[':status', '413']]), true);
        return new Echo(stream);
      },
    });

  test('leave the connection usable, whatever their number', async () => {
    await using server = await refuse();
    using peer = await RawPeer.connect(server.port);
    const { concurrentStreams } = HTTP2_LIMITS;
    for (let round = 0; round < 3; round++) {
      const ids = Array.from({ length: concurrentStreams }, (_, i) => 2 * (round * concurrentStreams + i) + 1);
      peer.send(...ids.flatMap((id) => [open(id), frame(DATA, 0, id, 'x'.repeat(100))]));
      for (const id of ids) expect(await peer.resetCode(id)).toBe(Code.NO_ERROR);
    }
    peer.send(open(9_999));
    await peer.receive(HEADERS, 9_999);
  });

  test('ask the peer to stop only if it keeps sending', async () => {
    await using server = await refuse();
    using peer = await RawPeer.connect(server.port);
    peer.send(open(1), open(3));
    await peer.receive(HEADERS, 3);
    peer.send(frame(DATA, END_STREAM, 1, 'x'));
    expect(await peer.resetCode(3)).toBe(Code.NO_ERROR);
    await peer.settled();
    expect(peer.frames.filter(({ type, stream }) => type === RST_STREAM && stream === 1)).toStrictEqual([]);
  });
});

describe('streams and headers', () => {
  test('refuses streams beyond the limit and serves the others', async () => {
    await using server = await openServer({
      onRequest: (stream) => new Echo(stream, 50),
      limits: { concurrentStreams: 3 },
    });
    using peer = await RawPeer.connect(server.port);
    peer.send(...times(4, (i) => open(2 * i + 1, {}, END_STREAM)));
    expect(await peer.resetCode(7)).toBe(Code.REFUSED_STREAM);
    for (const id of [1, 3, 5]) await peer.receive(DATA, id);
    peer.send(open(9, {}, END_STREAM));
    await peer.receive(DATA, 9);
  });

  test('a header list that is too large ends only its stream, and the table stays correct', async () => {
    await using server = await echo({ headerListBytes: 400 });
    using peer = await RawPeer.connect(server.port);
    const indexed = Buffer.from('\x40\x01a\x01b', 'latin1');
    const block = Buffer.concat([literalBlock({ ...REQUEST, long: 'x'.repeat(300) }), indexed]);
    peer.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, block));
    expect(await peer.resetCode(1)).toBe(Code.ENHANCE_YOUR_CALM);
    peer.send(frame(HEADERS, END_HEADERS | END_STREAM, 3, Buffer.concat([literalBlock(REQUEST), Uint8Array.of(0xbe)])));
    await peer.receive(DATA, 3);
  });

  test('repeated references to the table do not become a large list', async () => {
    await using server = await echo();
    using peer = await RawPeer.connect(server.port);
    const entry = Buffer.concat([Buffer.from('\x40\x01a\x7f\xa1\x1e', 'latin1'), Buffer.alloc(4000, 'x')]);
    peer.send(frame(HEADERS, END_HEADERS, 1, Buffer.concat([entry, Buffer.alloc(10_000, 0xbe)])));
    expect(await peer.resetCode(1)).toBe(Code.ENHANCE_YOUR_CALM);
  });

  test('too many headers', async () => {
    await using server = await echo();
    using peer = await RawPeer.connect(server.port);
    peer.send(open(1, Object.fromEntries(times(100, () => Buffer.alloc(0)).map((_, i) => [`x${i}`, '']))));
    expect(await peer.resetCode(1)).toBe(Code.ENHANCE_YOUR_CALM);
  });

  test('an unterminated header block, large or in many frames', async () => {
    await using server = await echo();
    using large = await RawPeer.connect(server.port);
    large.send(frame(HEADERS, 0, 1, literalBlock(REQUEST)));
    large.send(...times(3, () => frame(CONTINUATION, 0, 1, Buffer.alloc(8_000, 0x82))));
    expect(await large.goAwayCode()).toBe(Code.ENHANCE_YOUR_CALM);
    using many = await RawPeer.connect(server.port);
    many.send(frame(HEADERS, 0, 1, literalBlock(REQUEST)), ...times(20, () => frame(CONTINUATION, 0, 1)));
    expect(await many.goAwayCode()).toBe(Code.ENHANCE_YOUR_CALM);
  });
});

describe('windows', () => {
  test("a peer that exceeds a stream's window", async () => {
    await using server = await openServer({
      onRequest: (stream) => {
        stream.pause();
        return new Echo(stream);
      },
      limits: { streamWindowBytes: 65_535 },
    });
    using peer = await RawPeer.connect(server.port);
    peer.send(open(1), ...times(5, () => frame(DATA, 0, 1, Buffer.alloc(16_384))));
    expect(await peer.resetCode(1)).toBe(Code.FLOW_CONTROL_ERROR);
  });

  test("a peer that exceeds the connection's window", async () => {
    await using server = await openServer({
      onRequest: (stream) => {
        stream.pause();
        return new Echo(stream);
      },
      limits: { streamWindowBytes: 65_535, connectionWindowBytes: 70_000 },
    });
    using peer = await RawPeer.connect(server.port);
    peer.send(open(1), open(3), ...times(6, (i) => frame(DATA, 0, i % 2 === 0 ? 1 : 3, Buffer.alloc(16_384))));
    expect(await peer.goAwayCode()).toBe(Code.FLOW_CONTROL_ERROR);
  });

  test('bytes held for a reset stream are returned to the window of the connection', async () => {
    await using server = await openServer({
      onRequest: (stream) => {
        stream.pause();
        return new Echo(stream);
      },
      limits: { streamWindowBytes: 65_535, connectionWindowBytes: 65_535 },
    });
    using peer = await RawPeer.connect(server.port);
    for (let i = 0; i < 20; i++) {
      const id = 2 * i + 1;
      peer.send(open(id), ...times(3, () => frame(DATA, 0, id, Buffer.alloc(16_384))));
      peer.send(frame(RST_STREAM, 0, id, uint32(Code.CANCEL)));
      await peer.settled();
    }
    expect(peer.frames.some(({ type }) => type === GOAWAY)).toBe(false);
  });

  test('a stream held open with a zero window', async () => {
    await using server = await echo({ stalledMs: 300 });
    using peer = await RawPeer.connect(server.port, setting(Setting.INITIAL_WINDOW_SIZE, 0));
    peer.send(open(1), frame(DATA, END_STREAM, 1, 'x'));
    expect(await peer.resetCode(1)).toBe(Code.CANCEL);
  });
});

describe('time', () => {
  test.each<[string, Buffer[]]>([
    ['a frame', [frame(DATA, 0, 1, 'x').subarray(0, 9)]],
    ['a header block', [frame(HEADERS, 0, 1, literalBlock(REQUEST))]],
  ])('%s that never ends', async (_name, parts) => {
    await using server = await echo({ frameMs: 300 });
    using peer = await RawPeer.connect(server.port);
    peer.send(...parts);
    expect(await peer.goAwayCode()).toBe(Code.ENHANCE_YOUR_CALM);
  });

  test('a missing preface', async () => {
    await using server = await echo({ frameMs: 300 });
    using peer = await RawPeer.connect(server.port, 'no-preface');
    expect(await peer.goAwayCode()).toBe(Code.ENHANCE_YOUR_CALM);
  });

  test('a connection without a request', async () => {
    await using server = await echo({ idleMs: 200 });
    using peer = await RawPeer.connect(server.port);
    const away = await peer.receive(GOAWAY);
    expect(away.payload.readUInt32BE(4)).toBe(Code.NO_ERROR);
  });

  test('an idle connection, even if the peer pings', async () => {
    await using server = await echo({ idleMs: 300 });
    using peer = await RawPeer.connect(server.port);
    peer.send(open(1, {}, END_STREAM));
    await peer.receive(DATA, 1);
    const pings = setInterval(() => peer.send(frame(PING, 0, 0, '12345678')), 100);
    expect((await peer.receive(GOAWAY)).payload.readUInt32BE(4)).toBe(Code.NO_ERROR);
    clearInterval(pings);
  });

  test('a vanished peer is disconnected although a stream is open', async () => {
    await using server = await hold({ idleMs: 200, pingMs: 200 });
    using peer = await RawPeer.connect(server.port);
    peer.send(open(1));
    await peer.receive(PING, 0);
    await peer.closed();
    await expect.poll(() => server.server.connections).toBe(0);
  });

  test('a request body that never ends', async () => {
    await using server = await openServer({
      onRequest: (stream) => {
        stream.limitBody(200);
        return new Echo(stream);
      },
    });
    using peer = await RawPeer.connect(server.port);
    peer.send(open(1), frame(DATA, 0, 1, 'x'));
    expect(await peer.resetCode(1)).toBe(Code.CANCEL);
  });
});

describe('a peer that does not read', () => {
  const answerAll = encodeHeaders([[':status', '200']]);
  const large = Buffer.alloc(60_000, 'x');
  const onRequest = (stream: Http2Stream) => {
    stream.answer(answerAll, large);
    return new Echo(stream);
  };

  test('is not read further, its answers wait within limits, and it is disconnected after a time', async () => {
    let requests = 0;
    await using server = await openServer({
      onRequest: (stream) => {
        requests++;
        return onRequest(stream);
      },
      limits: { stalledMs: 1_000 },
    });
    using peer = await RawPeer.connect(server.port, setting(Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1));
    peer.send(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 30)));
    await peer.settled();
    peer.socket.pause();
    for (let i = 0; i < 2_000; i++) peer.send(open(2 * i + 1, {}, END_STREAM));
    await wait(300);
    // The kernel buffers some megabytes; the server holds at most its limit plus the output of one turn.
    expect(requests).toBeLessThan(1_000);
    await expect.poll(() => server.server.connections, { timeout: 5_000 }).toBe(0);
  });

  test('gets everything once it reads again', async () => {
    await using server = await openServer({ onRequest });
    using peer = await RawPeer.connect(server.port, setting(Setting.INITIAL_WINDOW_SIZE, 2 ** 31 - 1));
    peer.send(frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 30)));
    await peer.settled();
    peer.socket.pause();
    for (let i = 0; i < 120; i++) peer.send(open(2 * i + 1, {}, END_STREAM));
    await wait(200);
    peer.socket.resume();
    await peer.receive(DATA, 239, ({ flags }) => (flags & END_STREAM) !== 0);
    const bytes = peer.frames.reduce((sum, { type, payload }) => sum + (type === DATA ? payload.length : 0), 0);
    expect(bytes).toBe(120 * large.length);
  });
});
