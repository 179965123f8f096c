import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Path, type VoteBatch, VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { mutated, validVote } from '../testing/codec-generators.ts';
import { BatchReader } from './batch-reader.ts';

type BatchInit = Parameters<typeof create<typeof VoteBatchSchema>>[1];

const entryOf = (batch: BatchInit) => toBinary(VoteBatchSchema, create(VoteBatchSchema, batch));

const VOTE = { contest: 'bandas', choice: 'alux-nahual', voter: 'josé' };

/** The reader's result as a protobuf-es message. */
function read(reader: BatchReader, entry: Uint8Array): VoteBatch {
  expect(reader.read(entry)).toBe(undefined);
  const { path, edge, receivedAt, notify, count } = reader;
  const votes = Array.from({ length: count }, (_, at) => ({
    contest: reader.contest(at),
    choice: reader.choice(at),
    voter: Buffer.from(entry.subarray(reader.voterStarts[at], reader.voterEnds[at])).toString(),
    voteId: reader.voteId(at),
    attributes: reader.attributes(at),
    sequence: BigInt(reader.sequence(at)),
  }));
  return create(VoteBatchSchema, { path, edge, receivedAt: BigInt(receivedAt), notify, votes });
}

const batches = fc
  .array(validVote, { minLength: 1, maxLength: 20 })
  .map((votes) => votes.map((vote) => ({ ...vote, attributes: Object.fromEntries(vote.attributes) })))
  .map((votes) =>
    create(VoteBatchSchema, { path: Path.GRPC, edge: 'edge-1', receivedAt: 1_700_000_000_000n, notify: true, votes }),
  );

describe('BatchReader', () => {
  test('reads what protobuf-es writes', () => {
    const reader = new BatchReader();
    fc.assert(
      fc.property(batches, (batch) => {
        expect(read(reader, toBinary(VoteBatchSchema, batch))).toStrictEqual(batch);
      }),
      { numRuns: 200 },
    );
  });

  test('reads more votes than its columns initially hold', () => {
    const votes = Array.from({ length: 3000 }, (_, at) => ({
      ...VOTE,
      voter: `v${at}`,
      attributes: { rank: `${at}` },
    }));
    const batch = create(VoteBatchSchema, { path: Path.HTTP, votes });
    expect(read(new BatchReader(), toBinary(VoteBatchSchema, batch))).toStrictEqual(batch);
  });

  test('a read does not return votes of the previous entry', () => {
    const reader = new BatchReader();
    const long = {
      path: Path.HTTP,
      edge: 'e',
      notify: true,
      votes: [{ ...VOTE, voteId: 'x', attributes: { a: 'b' } }, VOTE],
    };
    expect(reader.read(entryOf(long))).toBe(undefined);
    const short = create(VoteBatchSchema, { path: Path.CONNECT, votes: [VOTE] });
    expect(read(reader, toBinary(VoteBatchSchema, short))).toStrictEqual(short);
  });

  test('skips fields that a newer edge added', () => {
    const entry = Buffer.concat([entryOf({ path: Path.HTTP, votes: [VOTE] }), Buffer.from([0x32, 1, 0x61, 0x38, 1])]);
    expect(new BatchReader().read(entry)).toBe(undefined);
  });

  /** Poison entries are reported with a reason. */
  const poison: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['nothing', new Uint8Array(), /no votes/],
    ['text', Buffer.from('not a batch'), /malformed_protobuf at byte 0/],
    ['no votes', entryOf({ path: Path.HTTP, edge: 'e' }), /no votes/],
    ['no path', entryOf({ votes: [VOTE] }), /path 0/],
    ['an unknown path', Buffer.concat([Buffer.from([8, 9]), entryOf({ votes: [VOTE] })]), /path 9/],
    ['cut off', entryOf({ path: Path.HTTP, votes: [VOTE] }).slice(0, -1), /malformed_protobuf at byte 2/],
    ['an empty vote', entryOf({ path: Path.HTTP, votes: [VOTE, {}] }), /vote 1: missing_field of contest/],
    [
      'a bad contest',
      entryOf({ path: Path.HTTP, votes: [{ ...VOTE, contest: '{p1}' }] }),
      /invalid_character of contest/,
    ],
    ['a long voter', entryOf({ path: Path.HTTP, votes: [{ ...VOTE, voter: 'v'.repeat(129) }] }), /too_long of voter/],
    ['too large', new Uint8Array((1 << 20) + 1), /1048577 bytes/],
  ];
  for (const [name, entry, reason] of poison) {
    test(`poison: ${name}`, () => expect(new BatchReader().read(entry) ?? '').toMatch(reason));
  }

  test('damaged entries never throw', () => {
    const reader = new BatchReader();
    fc.assert(
      fc.property(
        batches.chain((batch) => mutated(toBinary(VoteBatchSchema, batch))),
        (entry) => {
          if (reader.read(entry) !== undefined) return;
          for (let at = 0; at < reader.count; at++)
            expect(reader.contest(at).length > 0 && reader.attributes(at)).toBeTruthy();
        },
      ),
      { numRuns: 500 },
    );
  });
});
