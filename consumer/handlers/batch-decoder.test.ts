import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { Path, VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { VoterKeys } from '../../wasm/mac/voter-key.ts';
import { BatchDecoder } from './batch-decoder.ts';

const voterKeys = new VoterKeys(loadModule('mac'), Buffer.alloc(32));

const FULL = [
  { contest: 'pets', choice: 'cats', voter: 'ana', voteId: '', sequence: 7n, attributes: {} },
  { contest: 'bands', choice: 'alux', voter: 'luis', voteId: 'i-1', sequence: 0n, attributes: { year: '1987' } },
  { contest: 'pets', choice: 'cats', voter: 'josé', voteId: '', sequence: 0n, attributes: {} },
];
const PLAIN = FULL.map(({ contest, choice }, n) => ({ contest, choice, voter: `v${n}` }));

function decode(decoder: BatchDecoder, votes: typeof PLAIN) {
  const batch = decoder.decode(toBinary(VoteBatchSchema, create(VoteBatchSchema, { path: Path.HTTP, votes })));
  if (typeof batch === 'string') throw new Error(batch);
  return batch.votes.map((vote) => () => {
    const { contest, choice, voter, voteId, sequence, attributes } = vote;
    return {
      contest,
      choice,
      voter: Buffer.from(voter).toString('hex'),
      voteId,
      sequence: BigInt(sequence),
      attributes,
    };
  });
}

function expected(votes: typeof PLAIN) {
  return votes.map(({ voter, ...rest }) => {
    const key = Buffer.from(voterKeys.keyOf(Buffer.from(voter))).toString('hex');
    return { voteId: '', sequence: 0n, attributes: {}, ...rest, voter: key };
  });
}

test('votes keep their values while other batches are decoded', () => {
  const decoder = new BatchDecoder(voterKeys, { withAttributes: true });
  const views = [FULL, PLAIN, FULL].map((votes) => decode(decoder, votes));
  const values = views.map((votes) => votes.map((read) => read()));
  expect(values).toStrictEqual([expected(FULL), expected(PLAIN), expected(FULL)]);
});

test('skips attributes if they are not needed', () => {
  const decoder = new BatchDecoder(voterKeys, { withAttributes: false });
  expect(decode(decoder, FULL).map((read) => read().attributes)).toStrictEqual([{}, {}, {}]);
});
