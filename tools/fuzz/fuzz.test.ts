import { describe, expect, test } from 'vitest';
import type { EncodedVotes } from '../../wasm/codec.ts';
import { CodecOracle } from '../../wasm/testing/codec-oracle.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';
import { fuzz, readSeeds } from './fuzz.ts';
import { codecTargets, TARGETS } from './targets.ts';

const SHORT_MS = 500;
const SEED = Date.now() % 2 ** 31;

describe('a short run finds nothing', () => {
  for (const [name, target] of Object.entries(TARGETS)) {
    test(name, () => {
      const { runs, failure } = fuzz(target, { ms: SHORT_MS, seed: SEED, examples: readSeeds(name) });
      expect(failure, `seed ${SEED}`).toBe(undefined);
      expect(runs).toBeGreaterThan(0);
    });
  }
});

/** Bugs planted in one codec: each must be found within a minute. */
describe('a planted bug is found', () => {
  const planted: Readonly<
    Record<string, { target: 'json' | 'protobuf'; spoil: (votes: EncodedVotes) => EncodedVotes }>
  > = {
    'a vote in the wrong partition': {
      target: 'json',
      spoil: (votes) => ({ ...votes, partition: votes.partition.map((partition) => partition ^ 1) }),
    },
    'an offset that is one too large': {
      target: 'protobuf',
      spoil: (votes) =>
        votes.failure === undefined
          ? votes
          : { ...votes, failure: { ...votes.failure, offset: votes.failure.offset + 1 } },
    },
    'a changed byte of a long vote': {
      target: 'protobuf',
      spoil(votes) {
        if ((votes.ends[0] ?? 0) < 200) return votes;
        const bytes = votes.bytes.slice();
        bytes[199] = (bytes[199] ?? 0) ^ 1;
        return { ...votes, bytes };
      },
    },
  };
  for (const [name, { target, spoil }] of Object.entries(planted)) {
    test(name, { timeout: 90_000 }, () => {
      const codec = new TsCodec();
      const encodeJson = codec.encodeJson.bind(codec);
      const encodeVote = codec.encodeVote.bind(codec);
      codec.encodeJson = (body) => spoil(encodeJson(body));
      codec.encodeVote = (body) => spoil(encodeVote(body));
      const oracle = new CodecOracle(undefined, codec);
      expect(fuzz(codecTargets(oracle)[target], { ms: 60_000, seed: SEED }).failure).not.toBe(undefined);
    });
  }
});
