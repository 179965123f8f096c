import { expect, test } from 'vitest';
import { HpackDecoder, HpackEncoder } from './hpack.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const pairs = (decoder: HpackDecoder, block: string) =>
  decoder.decode(hex(block)).map(({ name, value }) => `${name}: ${value}`);

test('the examples of RFC 7541, appendix C.4: Huffman, and a dynamic table over three requests', () => {
  const decoder = new HpackDecoder();
  const first = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
  expect(pairs(decoder, '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff')).toStrictEqual(first);
  expect(pairs(decoder, '8286 84be 5886 a8eb 1064 9cbf')).toStrictEqual([...first, 'cache-control: no-cache']);
  expect(pairs(decoder, '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf')).toStrictEqual([
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
  expect(pairs(decoder, 'be')).toStrictEqual(['b: 2']);
  expect(() => decoder.decode(hex('bf'))).toThrow(/neither table/);
});

test('what is cut off is an error, never a field', () => {
  for (const block of ['40', '400161', '418c f1e3', '7f'])
    expect(() => new HpackDecoder().decode(hex(block))).toThrow(Error);
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
  expect(decoder.decode(encoder.next())).toStrictEqual(fields);
  const later = encoder.next();
  expect(later.length, 'one byte a field').toBe(fields.length);
  expect(decoder.decode(later)).toStrictEqual(fields);
});
