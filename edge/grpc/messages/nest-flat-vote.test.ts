import { create, fromBinary, toBinary, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CastVoteRequestSchema } from '../../../proto/gen/votewire/v1/service_pb.ts';
import { nestFlatVote } from './nest-flat-vote.ts';

const text = fc.string({ maxLength: 12 });
const vote = fc.record({
  contest: text,
  choice: text,
  voter: text,
  attributes: fc.dictionary(text, text, { maxKeys: 3 }),
  voteId: text,
  sequence: fc.bigInt({ min: 0n, max: 2n ** 53n }),
});

test('a flat vote is equivalent to a nested one', () => {
  fc.assert(
    fc.property(vote, fc.boolean(), (fields, wait) => {
      const empty = toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, fields)).length === 0;
      const flat = toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { ...fields, wait }));
      const expected = create(CastVoteRequestSchema, empty ? { wait } : { vote: fields, wait });
      const nested = fromBinary(CastVoteRequestSchema, nestFlatVote(flat));
      expect(toJson(CastVoteRequestSchema, nested)).toStrictEqual(toJson(CastVoteRequestSchema, expected));
    }),
  );
});

test('returns a nested vote, an empty request and malformed bytes unchanged', () => {
  const nested = toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote: { voter: 'a' }, contest: 'b' }));
  const waitFirst = Buffer.concat([Uint8Array.of(0x10, 1), nested]);
  for (const message of [nested, waitFirst, new Uint8Array(), Uint8Array.of(0x1a, 5, 1), Uint8Array.of(0x10)]) {
    expect(nestFlatVote(message)).toBe(message);
  }
});
