import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HpackDecoder, HpackEncoder } from './hpack.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const pairs = (decoder: HpackDecoder, block: string) =>
  decoder.decode(hex(block)).map(({ name, value }) => `${name}: ${value}`);

test('the examples of RFC 7541, appendix C.4: Huffman, and a dynamic table over three requests', () => {
  const decoder = new HpackDecoder();
  const first = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
  assert.deepEqual(pairs(decoder, '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'), first);
  assert.deepEqual(pairs(decoder, '8286 84be 5886 a8eb 1064 9cbf'), [...first, 'cache-control: no-cache']);
  assert.deepEqual(pairs(decoder, '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf'), [
    ':method: GET',
    ':scheme: https',
    ':path: /index.html',
    ':authority: www.example.com',
    'custom-key: custom-value',
  ]);
});

test('a full dynamic table forgets its oldest entries (C.5 writes with 256 bytes)', () => {
  const decoder = new HpackDecoder();
  // A table size of 64 holds one short entry; the second insertion takes the place of the first.
  decoder.decode(Buffer.concat([hex('3f21'), hex('4001 61 01 31'), hex('4001 62 01 32')]));
  assert.deepEqual(pairs(decoder, 'be'), ['b: 2']);
  assert.throws(() => decoder.decode(hex('bf')), /neither table/);
});

test('what is cut off is an error, never a field', () => {
  for (const block of ['40', '400161', '418c f1e3', '7f'])
    assert.throws(() => new HpackDecoder().decode(hex(block)), Error);
});

test('what the encoder writes, a decoder reads, first and later', () => {
  const fields = [
    { name: ':method', value: 'POST' },
    { name: ':path', value: '/v1/votes' },
    { name: 'te', value: 'trailers' },
    { name: 'content-type', value: 'application/grpc' },
  ];
  const encoder = new HpackEncoder(fields);
  const decoder = new HpackDecoder();
  assert.deepEqual(decoder.decode(encoder.next()), fields);
  const later = encoder.next();
  assert.equal(later.length, fields.length, 'one byte a field');
  assert.deepEqual(decoder.decode(later), fields);
});
