import { expect, test } from 'vitest';
import { HpackDecoder } from '../../../edge/http2/hpack/hpack-decoder.ts';
import { contentLengthField, RequestBlocks } from './request-blocks.ts';

const FIELDS = [
  { name: ':method', value: 'POST' },
  { name: ':path', value: '/votewire.v1.VoteService/CastVote' },
  { name: 'te', value: 'trailers' },
];

test('all blocks decode to the same fields, later ones by index only', () => {
  const blocks = new RequestBlocks(FIELDS);
  const decoder = new HpackDecoder();
  const decode = (block: Buffer) => {
    const fields: { name: string; value: string }[] = [];
    const valid = decoder.decode(block, 0, block.length, { field: ({ name, value }) => fields.push({ name, value }) });
    expect(valid).toBe(true);
    return fields;
  };
  const first = blocks.next();
  expect(decode(first)).toStrictEqual(FIELDS);
  for (let i = 0; i < 3; i++) {
    const later = blocks.next();
    expect(later.length).toBe(FIELDS.length);
    expect(decode(later)).toStrictEqual(FIELDS);
  }
  expect(decode(contentLengthField(12_345))).toStrictEqual([{ name: 'content-length', value: '12345' }]);
});
