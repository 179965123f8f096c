import { toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { VoteSchema } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { anyVote, jsonOf, toMessage, validVote } from '../../../wasm/testing/codec-generators.ts';
import type { CodecOracle } from '../../../wasm/testing/codec-oracle.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { damaged } from './damaged.ts';

const utf8 = new TextEncoder();
const votes = fc.oneof(validVote, anyVote);
const jsonBodies = votes.chain(jsonOf).map((json) => utf8.encode(json));
const voteBodies = votes.map((vote) => toBinary(VoteSchema, toMessage(vote)));

/** Compares the codecs with each other, JSON.parse, protobuf-es and protovalidate. */
export function codecTargets(oracle: CodecOracle): Readonly<Record<'json' | 'protobuf' | 'batch', FuzzTarget>> {
  return {
    json: { inputs: damaged(jsonBodies), check: (input) => oracle.checkJson(input) },
    protobuf: { inputs: damaged(voteBodies), check: (input) => oracle.checkVote(input) },
    batch: {
      inputs: damaged(fc.oneof(voteBodies, jsonBodies)),
      check(input) {
        for (const call of ['encodeNdjson', 'encodeCastVote', 'encodeVotes'] as const) oracle.agreed(call, input);
      },
    },
  };
}
