import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
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
  expect(encoded.failure).toStrictEqual(failure && rejectionOf(failure));
  if (encoded.failure !== undefined) {
    expect(encoded.count).toBe(0);
    return;
  }
  expect(encoded.rejected).toStrictEqual(rejected.map(rejectionOf));
  expect(encoded.count).toBe(votes.length);
  expect(encoded.wait).toBe(wait);
  expect([...encoded.index.subarray(0, encoded.count)]).toStrictEqual(votes.map(({ index = 0 }) => index));
  expect([...encoded.contest.subarray(0, encoded.count)]).toStrictEqual(
    votes.map(({ contest }) => VECTOR_TABLE.contests.findIndex(({ id }) => id === contest)),
  );
  expect(Buffer.from(written(encoded))).toStrictEqual(Buffer.from(batchOf(votes)));
}

for (const codec of [new WasmCodec(loadModule('codec')), new TsCodec()]) {
  codec.configure(VECTOR_TABLE);
  describe(`the ${codec.name} codec`, () => {
    /** XXH32 values published by its authors. */
    for (const [voter, hash] of [
      ['a', 0x550d7456],
      ['abc', 0x32d153ff],
      ['Nobody inspects the spammish repetition', 0xe2293b2f],
    ] as const) {
      test(`the partition of ${voter}`, () => {
        for (const partitions of [1, 4, 7, 1024]) {
          codec.configure({ ...VECTOR_TABLE, partitions });
          const body = Buffer.from(JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter }));
          expect(codec.encodeJson(body).partition[0]).toBe(hash % partitions);
        }
        codec.configure(VECTOR_TABLE);
      });
    }

    for (const vector of vectors) test(`${vector.call}: ${vector.name}`, () => check(codec, vector));
  });
}
