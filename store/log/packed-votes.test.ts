import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogEntryVote } from './log-store.ts';
import { PackedVotes, VotePacker } from './packed-votes.ts';
import { matchingVotes } from './reads/vote-filter.ts';

const text = fc.string({ unit: 'binary', maxLength: 90 }).map((value) => value.toWellFormed());
const id = fc.constantFrom('cats', 'dogs', 'birds', 'x'.repeat(64));
const vote: fc.Arbitrary<LogEntryVote> = fc.record(
  {
    contest: id,
    choice: id,
    voter: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    attributes: fc.dictionary(text, text, { maxKeys: 8, noNullPrototype: true }),
    voteId: text,
    sequence: fc.maxSafeNat(),
  },
  { noNullPrototype: true },
);

test('returns every vote unchanged, in any order of access', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(vote, { maxLength: 20 }), { maxLength: 4 }),
      fc.infiniteStream(fc.nat()),
      (entries, order) => {
        const packer = new VotePacker(0);
        const ends = entries.map((votes) => {
          packer.add(votes);
          return packer.end;
        });
        const bytes = packer.finish();
        for (const [index, votes] of entries.entries()) {
          const packed = new PackedVotes(bytes.subarray(ends[index - 1] ?? 0, ends[index]));
          expect(packed.count).toBe(votes.length);
          for (let look = 0; look < 2 * votes.length; look++) {
            const place = (order.next().value ?? 0) % votes.length;
            expect(packed.vote(place)).toStrictEqual(votes[place]);
          }
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('filtering by columns finds the same votes as decoding each one', () => {
  const filter = fc.record({ contest: id, choice: id }, { requiredKeys: [] });
  fc.assert(
    fc.property(fc.array(vote, { minLength: 1, maxLength: 30 }), filter, fc.nat(), (votes, asked, n) => {
      const packer = new VotePacker(0);
      packer.add(votes);
      const some = votes[n % votes.length]?.voter ?? new Uint8Array(16);
      for (const voter of [undefined, some]) {
        const query = voter === undefined ? asked : { ...asked, voter };
        const expected = votes.flatMap((each, index) => {
          const matches =
            (asked.contest ?? each.contest) === each.contest &&
            (asked.choice ?? each.choice) === each.choice &&
            Buffer.compare(voter ?? each.voter, each.voter) === 0;
          return matches ? [index] : [];
        });
        expect(matchingVotes(new PackedVotes(packer.finish()), query)).toStrictEqual(expected);
      }
    }),
    { numRuns: 200 },
  );
});

test('rejects votes packed by a later version', () => {
  const packer = new VotePacker(0);
  packer.add([]);
  const bytes = packer.finish();
  bytes[0] = 2;
  expect(() => new PackedVotes(bytes)).toThrow(/version 1; got 2/);
});
