import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { countEntryVotes } from './count-entry-votes.ts';

const batch = (count: number) =>
  toBinary(
    VoteBatchSchema,
    create(VoteBatchSchema, {
      edge: 'a',
      receivedAt: 1n,
      // Invalid votes, which every decoder rejects, are counted as well.
      votes: Array.from({ length: count }, () => ({ contest: '', choice: 'x'.repeat(300), voter: '' })),
    }),
  );

test('counts votes with any content', () => {
  for (const count of [0, 1, 2, 10_000]) expect(countEntryVotes(batch(count))).toBe(count);
});

test('an entry that is not a batch has no votes', () => {
  expect(countEntryVotes(undefined)).toBe(0);
  expect(countEntryVotes(batch(3).subarray(0, -1))).toBe(0);
  expect(countEntryVotes(new Uint8Array([0xff, 0xff]))).toBe(0);
});
