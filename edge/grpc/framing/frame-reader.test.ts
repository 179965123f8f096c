import { gzipSync } from 'node:zlib';
import { Code } from '@connectrpc/connect';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { frame } from './frame.ts';
import { FrameReader } from './frame-reader.ts';
import type { MessageEncoding } from './message-encoding.ts';
import type { GrpcStatus } from './status.ts';

function read(chunks: readonly Uint8Array[], maxBytes = 1000, encoding: MessageEncoding = 'identity') {
  const messages: string[] = [];
  const failures: GrpcStatus[] = [];
  const sink = {
    message: (message: Buffer) => messages.push(message.toString('hex')) > 0,
    badMessage: (status: GrpcStatus) => void failures.push(status),
  };
  const reader = new FrameReader(sink, maxBytes, encoding);
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return { messages, failures, partial: reader.partial };
}

test('delivers whole messages wherever the chunks are cut', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), fc.array(fc.nat(200)), (sent, cuts) => {
      const all = Buffer.concat(sent.map((message) => frame(message)));
      const at = [...new Set(cuts.map((cut) => cut % (all.length + 1)))].sort((a, b) => a - b);
      const chunks = [0, ...at].map((start, i) => all.subarray(start, at[i] ?? all.length));
      const got = read(chunks);
      expect(got.messages).toStrictEqual(sent.map((message) => Buffer.from(message).toString('hex')));
      expect(got.partial).toBe(false);
    }),
    { numRuns: 300 },
  );
});

test('rejects an oversized message at its prefix, and reads nothing after it', () => {
  const prefix = Buffer.from([0, 0, 0, 3, 0xe9]);
  for (const chunks of [[prefix], [prefix.subarray(0, 2), prefix.subarray(2)], [prefix, frame(Buffer.from('x'))]]) {
    const { messages, failures, partial } = read(chunks);
    expect(failures.length).toBe(1);
    expect(failures[0]?.code).toBe(Code.ResourceExhausted);
    expect(failures[0]?.message ?? '').toMatch(/at most 1000 bytes; got 1001/);
    expect(messages).toStrictEqual([]);
    expect(partial).toBe(false);
  }
});

test('a large announced length takes no memory until its bytes arrive', () => {
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 1000 }, () => {
    const reader = new FrameReader(
      { message: () => true, badMessage: () => expect.unreachable() },
      1 << 20,
      'identity',
    );
    reader.push(Buffer.from([0, 0, 0x0f, 0xff, 0xff, 1]));
    return reader;
  });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5e6);
  expect(readers.every((reader) => reader.partial)).toBeTruthy();
});

test('rejects unknown flags', () => {
  expect(read([Buffer.from([2, 0, 0, 0, 0])]).failures[0]?.code).toBe(Code.Internal);
});

test('inflates compressed messages up to the limit', () => {
  const compressed = (plain: Buffer) => {
    const framed = frame(gzipSync(plain));
    framed[0] = 1;
    return framed;
  };
  expect(read([compressed(Buffer.from('vote'))], 1000, 'gzip').messages).toStrictEqual([
    Buffer.from('vote').toString('hex'),
  ]);
  expect(read([compressed(Buffer.alloc(10_000_000))], 20_000, 'gzip').failures[0]?.code).toBe(Code.ResourceExhausted);
  expect(read([compressed(Buffer.from('vote'))]).failures[0]?.code).toBe(Code.Internal);
  const garbage = Buffer.from([1, 0, 0, 0, 2, 0x61, 0x62]);
  expect(read([garbage], 1000, 'gzip').failures[0]?.code).toBe(Code.InvalidArgument);
});
