import { expect, test } from 'vitest';
import { HTTP2_LIMITS } from '../limits.ts';
import { literalBlock, REQUEST } from '../testing/raw-peer.ts';
import { HeaderDecoder } from './header-decoder.ts';

const insert = (name: string, value: string) =>
  Buffer.concat([literalBlock(REQUEST), Uint8Array.of(0x40), literalBlock([[name, value]]).subarray(1)]);
const newest = Buffer.concat([literalBlock(REQUEST), Uint8Array.of(0xbe)]);

function request(decoder: HeaderDecoder, block: Buffer) {
  expect(decoder.request(block, 0, block.length)).toBe(true);
  return decoder.headers;
}

test('decodes a repeated block once until the table changes', () => {
  const decoder = new HeaderDecoder(HTTP2_LIMITS);
  request(decoder, insert('a', '1'));
  const first = request(decoder, newest);
  expect(first.get('a')).toBe('1');
  expect(request(decoder, newest)).toBe(first);
  request(decoder, insert('b', '2'));
  const second = request(decoder, newest);
  expect([second.get('a'), second.get('b')]).toEqual([undefined, '2']);
});

test('decodes a block that changes the table each time', () => {
  const decoder = new HeaderDecoder(HTTP2_LIMITS);
  const block = insert('a', '1');
  expect(request(decoder, block)).not.toBe(request(decoder, block));
});

test('caches only the latest blocks', () => {
  const decoder = new HeaderDecoder(HTTP2_LIMITS);
  const blocks = Array.from({ length: 20 }, (_, i) => literalBlock({ ...REQUEST, x: `${i}` }));
  const decoded = blocks.map((block) => request(decoder, block));
  expect(request(decoder, blocks[19] ?? newest)).toBe(decoded[19]);
  expect(request(decoder, blocks[0] ?? newest)).not.toBe(decoded[0]);
});

test('joins several values, those of cookies with semicolons', () => {
  const block = literalBlock([
    ...Object.entries(REQUEST),
    ['a', '1'],
    ['a', '2'],
    ['cookie', 'x=1'],
    ['cookie', 'y=2'],
  ]);
  const headers = request(new HeaderDecoder(HTTP2_LIMITS), block);
  expect([headers.get('a'), headers.get('cookie'), headers.get('none')]).toEqual(['1, 2', 'x=1; y=2', undefined]);
});
