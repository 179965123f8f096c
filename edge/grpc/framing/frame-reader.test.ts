import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Code } from '@connectrpc/connect';
import fc from 'fast-check';
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

test('messages come out whole wherever the bytes are cut', () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 6 }), fc.array(fc.nat(200)), (sent, cuts) => {
      const all = Buffer.concat(sent.map((message) => frame(message)));
      const at = [...new Set(cuts.map((cut) => cut % (all.length + 1)))].sort((a, b) => a - b);
      const chunks = [0, ...at].map((start, i) => all.subarray(start, at[i] ?? all.length));
      const got = read(chunks);
      assert.deepEqual(
        got.messages,
        sent.map((message) => Buffer.from(message).toString('hex')),
      );
      assert.equal(got.partial, false);
    }),
    { numRuns: 300 },
  );
});

test('what is too large is refused at its prefix, and nothing after it is read', () => {
  const prefix = Buffer.from([0, 0, 0, 3, 0xe9]);
  for (const chunks of [[prefix], [prefix.subarray(0, 2), prefix.subarray(2)], [prefix, frame(Buffer.from('x'))]]) {
    const { messages, failures, partial } = read(chunks);
    assert.equal(failures.length, 1);
    assert.equal(failures[0]?.code, Code.ResourceExhausted);
    assert.match(failures[0]?.message ?? '', /1001 bytes.*1000/);
    assert.deepEqual(messages, []);
    assert.equal(partial, false);
  }
});

test('a large announced length costs no memory until its bytes come', () => {
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 1000 }, () => {
    const reader = new FrameReader({ message: () => true, badMessage: () => assert.fail() }, 1 << 20, 'identity');
    reader.push(Buffer.from([0, 0, 0x0f, 0xff, 0xff, 1]));
    return reader;
  });
  assert.ok(process.memoryUsage().arrayBuffers - before < 5e6);
  assert.ok(readers.every((reader) => reader.partial));
});

test('flags that do not exist are refused', () => {
  assert.equal(read([Buffer.from([2, 0, 0, 0, 0])]).failures[0]?.code, Code.Internal);
});

test('compressed messages are inflated up to the limit', () => {
  const compressed = (plain: Buffer) => {
    const framed = frame(gzipSync(plain));
    framed[0] = 1;
    return framed;
  };
  assert.deepEqual(read([compressed(Buffer.from('vote'))], 1000, 'gzip').messages, [
    Buffer.from('vote').toString('hex'),
  ]);
  assert.equal(read([compressed(Buffer.alloc(10_000_000))], 20_000, 'gzip').failures[0]?.code, Code.ResourceExhausted);
  assert.equal(read([compressed(Buffer.from('vote'))]).failures[0]?.code, Code.Internal);
  const garbage = Buffer.from([1, 0, 0, 0, 2, 0x61, 0x62]);
  assert.equal(read([garbage], 1000, 'gzip').failures[0]?.code, Code.InvalidArgument);
});
