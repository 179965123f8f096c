import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { create, toBinary } from '@bufbuild/protobuf';
import { VoteBatchSchema } from '../proto/gen/votewire/v1/vote_pb.ts';
import type { EncodedVotes, Rejection, VoteCodec } from './codec.ts';
import { loadModule } from './load-module.ts';
import type { ExpectedRejection, ExpectedVote, Vector } from './testing/vector.ts';
import { VECTOR_TABLE, vectors } from './testing/vectors.ts';
import { TsCodec } from './ts-codec.ts';
import { WasmCodec } from './wasm-codec.ts';

/** The votes as protobuf-es writes them in a VoteBatch. */
function batchOf(votes: readonly ExpectedVote[]): Uint8Array {
  return toBinary(
    VoteBatchSchema,
    create(VoteBatchSchema, {
      votes: votes.map(({ index: _, sequence = 0, ...vote }) => ({ ...vote, sequence: BigInt(sequence) })),
    }),
  );
}

function written(encoded: EncodedVotes): Uint8Array {
  return encoded.bytes.slice(0, encoded.count === 0 ? 0 : encoded.ends[encoded.count - 1]);
}

const rejectionOf = ({ index = 0, ...rest }: ExpectedRejection): Rejection => ({ index, ...rest });

function check(codec: VoteCodec, vector: Vector): void {
  const { votes = [], failure, rejected = [], wait = false } = vector;
  const encoded = codec[vector.call](vector.body);
  assert.deepEqual(encoded.failure, failure && rejectionOf(failure));
  if (encoded.failure !== undefined) {
    assert.equal(encoded.count, 0);
    return;
  }
  assert.deepEqual(encoded.rejected, rejected.map(rejectionOf));
  assert.equal(encoded.count, votes.length);
  assert.equal(encoded.wait, wait);
  assert.deepEqual(
    [...encoded.index.subarray(0, encoded.count)],
    votes.map(({ index = 0 }) => index),
  );
  assert.deepEqual(
    [...encoded.contest.subarray(0, encoded.count)],
    votes.map(({ contest }) => VECTOR_TABLE.contests.findIndex(({ id }) => id === contest)),
  );
  assert.deepEqual(Buffer.from(written(encoded)), Buffer.from(batchOf(votes)));
}

for (const codec of [new WasmCodec(loadModule('codec')), new TsCodec()]) {
  codec.configure(VECTOR_TABLE);
  describe(`the ${codec.name} codec`, () => {
    /** XXH32 as its authors give it. */
    for (const [voter, hash] of [
      ['a', 0x550d7456],
      ['abc', 0x32d153ff],
      ['Nobody inspects the spammish repetition', 0xe2293b2f],
    ] as const) {
      test(`the partition of ${voter}`, () => {
        for (const partitions of [1, 4, 7, 1024]) {
          codec.configure({ ...VECTOR_TABLE, partitions });
          const body = Buffer.from(JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter }));
          assert.equal(codec.encodeJson(body).partition[0], hash % partitions);
        }
        codec.configure(VECTOR_TABLE);
      });
    }

    for (const vector of vectors) test(`${vector.call}: ${vector.name}`, () => check(codec, vector));
  });
}
