import { describe, expect, test } from 'vitest';
import { Http2ErrorCode as Code } from '../error-code.ts';
import { Flag, FrameType, PREFACE, Setting } from '../frames/frame.ts';
import { Echo } from '../testing/echo.ts';
import { openServer } from '../testing/open-server.ts';
import { frame, literalBlock, open, RawPeer, REQUEST, setting, uint32 } from '../testing/raw-peer.ts';

const { HEADERS, DATA, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION } =
  FrameType;
const { END_STREAM, END_HEADERS, PADDED, ACK } = Flag;
const block = literalBlock(REQUEST);
const half = Math.floor(block.length / 2);
const ended = open(1, {}, END_STREAM);

describe('errors that end the connection', () => {
  test.each<[string, number, Buffer[]]>([
    ['first frame is not SETTINGS', Code.PROTOCOL_ERROR, []],
    ['DATA without a stream', Code.PROTOCOL_ERROR, [frame(DATA, 0, 0, 'x')]],
    ['DATA on an idle stream', Code.PROTOCOL_ERROR, [frame(DATA, 0, 1, 'x')]],
    ['DATA padded beyond its frame', Code.PROTOCOL_ERROR, [open(1), frame(DATA, PADDED, 1, '\x05abcd')]],
    ['DATA padded without a length', Code.PROTOCOL_ERROR, [open(1), frame(DATA, PADDED, 1)]],
    ['HEADERS without a stream', Code.PROTOCOL_ERROR, [open(0)]],
    ['HEADERS on a stream of the server', Code.PROTOCOL_ERROR, [open(2)]],
    ['HEADERS with a lower stream', Code.STREAM_CLOSED, [open(5), open(3)]],
    ['HEADERS on a closed stream', Code.STREAM_CLOSED, [ended, frame(PING, 0, 0, '12345678'), ended]],
    ['HEADERS padded beyond its frame', Code.PROTOCOL_ERROR, [frame(HEADERS, END_HEADERS | PADDED, 1, '\x05\x82')]],
    ['HEADERS that is not HPACK', Code.COMPRESSION_ERROR, [frame(HEADERS, END_HEADERS, 1, '\x80')]],
    ['trailers that are not HPACK', Code.COMPRESSION_ERROR, [open(1), frame(HEADERS, 5, 1, '\x80')]],
    ['stream that depends on itself', Code.PROTOCOL_ERROR, [frame(PRIORITY, 0, 1, '\0\0\0\x01\0')]],
    ['PRIORITY without a stream', Code.PROTOCOL_ERROR, [frame(PRIORITY, 0, 0, '12345')]],
    ['PRIORITY of 4 bytes', Code.FRAME_SIZE_ERROR, [frame(PRIORITY, 0, 1, '1234')]],
    ['RST_STREAM without a stream', Code.PROTOCOL_ERROR, [frame(RST_STREAM, 0, 0, uint32(8))]],
    ['RST_STREAM on an idle stream', Code.PROTOCOL_ERROR, [frame(RST_STREAM, 0, 1, uint32(8))]],
    ['RST_STREAM of 3 bytes', Code.FRAME_SIZE_ERROR, [open(1), frame(RST_STREAM, 0, 1, '123')]],
    ['SETTINGS on a stream', Code.PROTOCOL_ERROR, [frame(SETTINGS, 0, 1)]],
    ['SETTINGS of 5 bytes', Code.FRAME_SIZE_ERROR, [frame(SETTINGS, 0, 0, '12345')]],
    ['SETTINGS that acknowledges and sets', Code.FRAME_SIZE_ERROR, [frame(SETTINGS, ACK, 0, setting(1, 1))]],
    ['ENABLE_PUSH of 2', Code.PROTOCOL_ERROR, [frame(SETTINGS, 0, 0, setting(Setting.ENABLE_PUSH, 2))]],
    ['MAX_FRAME_SIZE too small', Code.PROTOCOL_ERROR, [frame(SETTINGS, 0, 0, setting(5, 16_383))]],
    ['MAX_FRAME_SIZE too large', Code.PROTOCOL_ERROR, [frame(SETTINGS, 0, 0, setting(5, 2 ** 24))]],
    ['INITIAL_WINDOW_SIZE too large', Code.FLOW_CONTROL_ERROR, [frame(SETTINGS, 0, 0, setting(4, 2 ** 31))]],
    ['PUSH_PROMISE', Code.PROTOCOL_ERROR, [open(1), frame(PUSH_PROMISE, END_HEADERS, 1, '\0\0\0\x02\x82')]],
    ['PING on a stream', Code.PROTOCOL_ERROR, [frame(PING, 0, 1, '12345678')]],
    ['PING of 7 bytes', Code.FRAME_SIZE_ERROR, [frame(PING, 0, 0, '1234567')]],
    ['GOAWAY on a stream', Code.PROTOCOL_ERROR, [frame(GOAWAY, 0, 1, '12345678')]],
    ['GOAWAY of 7 bytes', Code.FRAME_SIZE_ERROR, [frame(GOAWAY, 0, 0, '1234567')]],
    ['WINDOW_UPDATE of 0', Code.PROTOCOL_ERROR, [frame(WINDOW_UPDATE, 0, 0, uint32(0))]],
    ['WINDOW_UPDATE of 3 bytes', Code.FRAME_SIZE_ERROR, [frame(WINDOW_UPDATE, 0, 0, '123')]],
    ['WINDOW_UPDATE on an idle stream', Code.PROTOCOL_ERROR, [frame(WINDOW_UPDATE, 0, 1, uint32(1))]],
    ['window of the connection too large', Code.FLOW_CONTROL_ERROR, [frame(WINDOW_UPDATE, 0, 0, uint32(2 ** 31 - 1))]],
    ['CONTINUATION alone', Code.PROTOCOL_ERROR, [frame(CONTINUATION, END_HEADERS, 1, '\x82')]],
    [
      'CONTINUATION of another stream',
      Code.PROTOCOL_ERROR,
      [frame(HEADERS, 0, 1, block.subarray(0, half)), frame(CONTINUATION, END_HEADERS, 3, block.subarray(half))],
    ],
    [
      'interrupted header block',
      Code.PROTOCOL_ERROR,
      [frame(HEADERS, 0, 1, block.subarray(0, half)), frame(PING, 0, 0, '12345678')],
    ],
    ['frame that is too large', Code.FRAME_SIZE_ERROR, [frame(DATA, 0, 1, Buffer.alloc(16_385))]],
    [
      'stream windows that a setting makes too large',
      Code.FLOW_CONTROL_ERROR,
      [
        open(1),
        frame(WINDOW_UPDATE, 0, 1, uint32(2 ** 31 - 1 - 65_535)),
        frame(SETTINGS, 0, 0, setting(Setting.INITIAL_WINDOW_SIZE, 65_536)),
      ],
    ],
  ])('%s', async (name, code, frames) => {
    await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
    const isFirst = frames.length === 0;
    using peer = await RawPeer.connect(server.port, isFirst ? 'no-preface' : new Uint8Array());
    peer.send(...(isFirst ? [PREFACE, frame(PING, 0, 0, '12345678')] : frames));
    expect(await peer.goAwayCode(), name).toBe(code);
  });

  test('a wrong preface', async () => {
    await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
    using peer = await RawPeer.connect(server.port, 'no-preface');
    peer.send(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\r'));
    expect(await peer.goAwayCode()).toBe(Code.PROTOCOL_ERROR);
  });
});

const malformed = (pairs: readonly (readonly [string, string])[]) =>
  frame(HEADERS, END_HEADERS | END_STREAM, 1, literalBlock(pairs));
const all = Object.entries(REQUEST);

describe('errors that end only their stream', () => {
  test.each<[string, number, Buffer[]]>([
    ['no :method', Code.PROTOCOL_ERROR, [malformed(all.filter(([name]) => name !== ':method'))]],
    ['no :scheme', Code.PROTOCOL_ERROR, [malformed(all.filter(([name]) => name !== ':scheme'))]],
    ['no :path', Code.PROTOCOL_ERROR, [malformed(all.filter(([name]) => name !== ':path'))]],
    ['empty :path', Code.PROTOCOL_ERROR, [open(1, { ':path': '' })]],
    [':path that is not a path', Code.PROTOCOL_ERROR, [open(1, { ':path': 'x' })]],
    ['duplicate :method', Code.PROTOCOL_ERROR, [malformed([...all, [':method', 'GET']])]],
    ['unknown pseudo-header', Code.PROTOCOL_ERROR, [open(1, { ':protocol': 'x' })]],
    [':status in a request', Code.PROTOCOL_ERROR, [open(1, { ':status': '200' })]],
    ['pseudo-header after a header', Code.PROTOCOL_ERROR, [malformed([['a', 'b'], ...all])]],
    ['name in upper case', Code.PROTOCOL_ERROR, [open(1, { Name: 'x' })]],
    ['empty name', Code.PROTOCOL_ERROR, [open(1, { '': 'x' })]],
    ['name with a space', Code.PROTOCOL_ERROR, [open(1, { 'a b': 'x' })]],
    ['value with a line feed', Code.PROTOCOL_ERROR, [open(1, { a: 'x\ny: z' })]],
    ['value with a zero', Code.PROTOCOL_ERROR, [open(1, { a: 'x\0' })]],
    ['value that ends with a space', Code.PROTOCOL_ERROR, [open(1, { a: 'x ' })]],
    ['connection', Code.PROTOCOL_ERROR, [open(1, { connection: 'close' })]],
    ['transfer-encoding', Code.PROTOCOL_ERROR, [open(1, { 'transfer-encoding': 'chunked' })]],
    ['te other than trailers', Code.PROTOCOL_ERROR, [open(1, { te: 'gzip' })]],
    ['host different from :authority', Code.PROTOCOL_ERROR, [open(1, { host: 'other' })]],
    ['content-length that is not a number', Code.PROTOCOL_ERROR, [open(1, { 'content-length': '+1' })]],
    [
      'two content-lengths',
      Code.PROTOCOL_ERROR,
      [malformed([...all, ['content-length', '0'], ['content-length', '1']])],
    ],
    ['body missing', Code.PROTOCOL_ERROR, [open(1, { 'content-length': '1' }, END_STREAM)]],
    ['body too short', Code.PROTOCOL_ERROR, [open(1, { 'content-length': '2' }), frame(DATA, END_STREAM, 1, 'x')]],
    ['body too long', Code.PROTOCOL_ERROR, [open(1, { 'content-length': '1' }), frame(DATA, 0, 1, 'xx')]],
    [
      'trailers without an end',
      Code.PROTOCOL_ERROR,
      [open(1), frame(HEADERS, END_HEADERS, 1, literalBlock({ a: 'b' }))],
    ],
    [
      'trailers with a pseudo-header',
      Code.PROTOCOL_ERROR,
      [open(1), frame(HEADERS, 5, 1, literalBlock({ ':path': '/' }))],
    ],
    ['WINDOW_UPDATE of 0', Code.PROTOCOL_ERROR, [open(1), frame(WINDOW_UPDATE, 0, 1, uint32(0))]],
    ['window too large', Code.FLOW_CONTROL_ERROR, [open(1), frame(WINDOW_UPDATE, 0, 1, uint32(2 ** 31 - 1))]],
    ['DATA after the end', Code.STREAM_CLOSED, [open(1, {}, END_STREAM), frame(DATA, 0, 1, 'x')]],
    [
      'trailers after the end',
      Code.STREAM_CLOSED,
      [open(1, {}, END_STREAM), frame(HEADERS, 5, 1, literalBlock({ a: 'b' }))],
    ],
  ])('%s', async (_name, code, frames) => {
    await using server = await openServer({ onRequest: (stream) => new Echo(stream, 30) });
    using peer = await RawPeer.connect(server.port);
    peer.send(...frames);
    expect(await peer.resetCode(1)).toBe(code);
    peer.send(open(3, {}, END_STREAM));
    expect((await peer.receive(DATA, 3)).payload.toString()).toBe('empty');
  });
});

test('ignores frames in flight to a stream that the server has reset', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
  using peer = await RawPeer.connect(server.port);
  peer.send(open(1, { te: 'gzip' }));
  await peer.resetCode(1);
  peer.send(
    frame(DATA, 0, 1, 'late'),
    frame(WINDOW_UPDATE, 0, 1, uint32(5)),
    frame(HEADERS, 5, 1, literalBlock({ a: 'b' })),
  );
  await peer.settled();
  expect(peer.frames.filter(({ type }) => type === RST_STREAM)).toHaveLength(1);
  expect(peer.frames.some(({ type }) => type === GOAWAY)).toBe(false);
});

test('ignores unknown frames, flags, settings and bits', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
  using peer = await RawPeer.connect(server.port, setting(0x99, 1));
  const request = open(1, {}, END_STREAM | 0xc2);
  request[5] = 0x80;
  peer.send(frame(0x42, 0xff, 7, 'anything'), request);
  expect((await peer.receive(DATA, 1)).payload.toString()).toBe('empty');
});

test('removes padding and priority', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
  using peer = await RawPeer.connect(server.port);
  const padded = Buffer.concat([Uint8Array.of(3), Buffer.from('\0\0\0\0\x10', 'latin1'), block, Buffer.alloc(3)]);
  peer.send(frame(HEADERS, END_HEADERS | PADDED | Flag.PRIORITY, 1, padded));
  peer.send(frame(DATA, PADDED, 1, '\x02ab\0\0'), frame(DATA, PADDED | END_STREAM, 1, '\x00cd'));
  expect((await peer.receive(DATA, 1)).payload.toString()).toBe('abcd');
});

test('accepts bytes one by one', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
  using peer = await RawPeer.connect(server.port, 'no-preface');
  const session = [PREFACE, frame(SETTINGS, 0, 0), open(1), frame(DATA, 0, 1), frame(DATA, END_STREAM, 1, 'abc')];
  for (const byte of Buffer.concat(session)) {
    peer.send(Uint8Array.of(byte));
    await new Promise(setImmediate);
  }
  expect((await peer.receive(DATA, 1)).payload.toString()).toBe('abc');
});

test('accepts a header block in several frames', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
  using peer = await RawPeer.connect(server.port);
  peer.send(
    frame(HEADERS, END_STREAM, 1, block.subarray(0, 5)),
    frame(CONTINUATION, 0, 1),
    frame(CONTINUATION, END_HEADERS, 1, block.subarray(5)),
  );
  expect((await peer.receive(DATA, 1)).payload.toString()).toBe('empty');
});

test('the first header block after a SETTINGS_HEADER_TABLE_SIZE announces a table of 0', async () => {
  await using server = await openServer({ onRequest: (stream) => new Echo(stream) });
  using peer = await RawPeer.connect(server.port, setting(Setting.HEADER_TABLE_SIZE, 0));
  peer.send(open(1, {}, END_STREAM), open(3, {}, END_STREAM));
  expect((await peer.receive(HEADERS, 1)).payload[0]).toBe(0x20);
  expect((await peer.receive(HEADERS, 3)).payload[0]).toBe(0x88);
});
