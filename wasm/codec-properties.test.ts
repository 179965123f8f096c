/** Random votes and random damage: both codecs must agree with each other and with the reference libraries. */
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CastVoteRequestSchema, CastVotesRequestSchema } from '../proto/gen/votewire/v1/service_pb.ts';
import { VoteSchema } from '../proto/gen/votewire/v1/vote_pb.ts';
import { anyVote, jsonOf, mutated, type RandomVote, toMessage, validVote } from './testing/codec-generators.ts';
import { type CodecCall, CodecOracle, framed, isKnownAndValid } from './testing/codec-oracle.ts';

/** Runs per property. */
const numRuns = Number(process.env.CODEC_ROUNDS ?? 500);

const oracle = new CodecOracle();
const agreed = (call: CodecCall, body: Uint8Array) => oracle.agreed(call, body);
const utf8 = new TextEncoder();

/** JavaScript objects list integer-like keys first, regardless of insertion order. */
function hasNumberKey(vote: RandomVote): boolean {
  return vote.attributes.some(([key]) => /^\d+$/.test(key) || key === '__proto__');
}

describe('the codecs, on random votes', () => {
  test('valid votes are encoded as protobuf-es encodes them, in every spelling', () => {
    const bodies = validVote
      .filter((vote) => !hasNumberKey(vote))
      .chain((vote) => jsonOf(vote).map((json) => ({ vote, json })));
    fc.assert(
      fc.property(bodies, ({ vote, json }) => {
        if (utf8.encode(json).length > 4096) return;
        const expected = toMessage(vote);
        const said = agreed('encodeJson', utf8.encode(json));
        expect(said.bytes).toBe(framed([expected]).toString('hex'));
        expect(agreed('encodeVote', toBinary(VoteSchema, expected))).toStrictEqual(said);
        const request = toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote: expected }));
        expect(agreed('encodeCastVote', request)).toStrictEqual(said);
      }),
      { numRuns },
    );
  });

  test('a vote is accepted if and only if it follows the rules and its option exists', () => {
    const bodies = anyVote.chain((vote) => jsonOf(vote).map((json) => ({ vote, json })));
    fc.assert(
      fc.property(bodies, ({ vote, json }) => {
        const expected = toMessage(vote);
        const accepts = isKnownAndValid(expected);
        const body = toBinary(VoteSchema, expected);
        if (body.length <= 4096) expect(agreed('encodeVote', body).failure === undefined).toBe(accepts);
        const keys = new Set(vote.attributes.map(([key]) => key.toWellFormed()));
        // Two keys may become equal when made well-formed: JSON rejects duplicates, protobuf does not.
        if (utf8.encode(json).length > 4096 || keys.size < vote.attributes.length) return;
        expect(agreed('encodeJson', utf8.encode(json)).failure === undefined).toBe(accepts);
      }),
      { numRuns },
    );
  });

  test('a batch has the same outcomes as its votes one by one', () => {
    const batches = fc.array(fc.oneof(validVote, anyVote), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(batches, (votes) => {
        const messages = votes.map(toMessage);
        const body = toBinary(CastVotesRequestSchema, create(CastVotesRequestSchema, { votes: messages }));
        const { index, rejected = [] } = agreed('encodeVotes', body);
        const places = [...(index ?? []), ...rejected.map((rejection) => rejection.index)].sort((a, b) => a - b);
        expect(places).toStrictEqual(votes.map((_, at) => at));
        const accepted = messages.flatMap((vote, at) => (isKnownAndValid(vote) ? [at] : []));
        expect(index).toStrictEqual(accepted);
      }),
      { numRuns: numRuns / 4 },
    );
  });
});

describe('the codecs, on damaged bodies', () => {
  test('JSON: they agree with each other and with JSON.parse', () => {
    const bodies = validVote.chain(jsonOf).chain((json) => mutated(utf8.encode(json)));
    fc.assert(
      fc.property(bodies, (body) => oracle.checkJson(body)),
      { numRuns: 4 * numRuns },
    );
  });

  test('NDJSON: they agree', () => {
    const lines = fc.array(validVote.chain(jsonOf), { minLength: 1, maxLength: 4 });
    const bodies = lines.chain((texts) => mutated(utf8.encode(texts.join('\n'))));
    fc.assert(
      fc.property(bodies, (body) => {
        agreed('encodeNdjson', body);
      }),
      { numRuns: 2 * numRuns },
    );
  });

  test('protobuf: they agree with each other and with protobuf-es', () => {
    const bodies = validVote.chain((vote) => mutated(toBinary(VoteSchema, toMessage(vote))));
    fc.assert(
      fc.property(bodies, (body) => oracle.checkVote(body)),
      { numRuns: 4 * numRuns },
    );
  });

  test('requests and batches of protobuf: they agree', () => {
    const votes = fc.array(validVote, { minLength: 1, maxLength: 3 }).map((all) => all.map(toMessage));
    const batch = votes.map((all) => toBinary(CastVotesRequestSchema, create(CastVotesRequestSchema, { votes: all })));
    const request = votes.map(([vote]) =>
      toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote, wait: true })),
    );
    const damaged = (bodies: fc.Arbitrary<Uint8Array>) => bodies.chain(mutated);
    fc.assert(
      fc.property(damaged(batch), damaged(request), (many, one) => {
        agreed('encodeVotes', many);
        agreed('encodeCastVote', one);
      }),
      { numRuns: 2 * numRuns },
    );
  });

  test('noise: they agree', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (body) => {
        for (const call of ['encodeJson', 'encodeNdjson', 'encodeVote', 'encodeCastVote', 'encodeVotes'] as const) {
          agreed(call, body);
        }
      }),
      { numRuns: 2 * numRuns },
    );
  });
});
