/** Random votes and random damage: both codecs must agree with each other and with the reference libraries. */
import { create, equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import fc from 'fast-check';
import { assert, describe, expect, test } from 'vitest';
import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import { CastVoteRequestSchema, CastVotesRequestSchema } from '../proto/gen/votewire/v1/service_pb.ts';
import { type Vote, VoteBatchSchema, VoteSchema } from '../proto/gen/votewire/v1/vote_pb.ts';
import { expectEqual } from '../tests/support/expect-equal.ts';
import type { VoteCodec } from './codec.ts';
import { loadModule } from './load-module.ts';
import { anyVote, jsonOf, mutated, type RandomVote, validVote } from './testing/codec-generators.ts';
import { VECTOR_TABLE } from './testing/vectors.ts';
import { TsCodec } from './ts-codec.ts';
import { WasmCodec } from './wasm-codec.ts';

/** Runs per property. */
const numRuns = Number(process.env.CODEC_ROUNDS ?? 500);

const wasm = new WasmCodec(loadModule('codec'));
const typescript = new TsCodec();
for (const codec of [wasm, typescript]) codec.configure(VECTOR_TABLE);

/** The patterns are RE2: `\x{...}` is `\u{...}` in JavaScript. */
const regexMatch = (pattern: string, against: string) =>
  new RegExp(pattern.replaceAll('\\x{', '\\u{'), 'u').test(against);
const validator = createValidator({ regexMatch });
const utf8 = new TextEncoder();

/** The complete outcome of one call. */
function outcome(codec: VoteCodec, call: Call, body: Uint8Array) {
  const { failure, count, bytes, ends, partition, contest, index, rejected, wait } = codec[call](body);
  if (failure !== undefined) return { failure };
  const end = count === 0 ? 0 : ends[count - 1];
  return {
    bytes: Buffer.from(bytes.slice(0, end)).toString('hex'),
    ends: [...ends.subarray(0, count)],
    partition: [...partition.subarray(0, count)],
    contest: [...contest.subarray(0, count)],
    index: [...index.subarray(0, count)],
    rejected,
    wait,
  };
}

type Call = 'encodeJson' | 'encodeNdjson' | 'encodeVote' | 'encodeCastVote' | 'encodeVotes';

/** The outcome that both codecs agree on. */
function agreed(call: Call, body: Uint8Array) {
  const said = outcome(wasm, call, body);
  expectEqual(outcome(typescript, call, body), said);
  return said;
}

function message({ attributes, ...vote }: RandomVote): Vote {
  const pairs = attributes.map(([key, value]) => [key.toWellFormed(), value.toWellFormed()] as const);
  // By bytes: UTF-16 code units sort differently past U+FFFF.
  pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const { contest, choice, voter, voteId, sequence } = vote;
  return create(VoteSchema, {
    contest: contest.toWellFormed(),
    choice: choice.toWellFormed(),
    voter: voter.toWellFormed(),
    voteId: voteId.toWellFormed(),
    sequence,
    attributes: Object.fromEntries(pairs),
  });
}

/** JavaScript objects list integer-like keys first, regardless of insertion order. */
function hasNumberKey(vote: RandomVote): boolean {
  return vote.attributes.some(([key]) => /^\d+$/.test(key) || key === '__proto__');
}

const framed = (votes: readonly Vote[]) =>
  Buffer.from(toBinary(VoteBatchSchema, create(VoteBatchSchema, { votes: [...votes] })));

/** Whether a vote follows the rules in `proto/` and the table has its option. */
function isKnownAndValid(vote: Vote): boolean {
  const options = VECTOR_TABLE.contests.find(({ id }) => id === vote.contest)?.options;
  return validator.validate(VoteSchema, vote).kind === 'valid' && options?.includes(vote.choice) === true;
}

const unreadable = new Set<number>([
  ErrorCode.EMPTY_BODY,
  ErrorCode.MALFORMED_JSON,
  ErrorCode.INVALID_UTF8,
  ErrorCode.DUPLICATE_KEY,
  ErrorCode.NESTED_TOO_DEEP,
  ErrorCode.MALFORMED_PROTOBUF,
  ErrorCode.TOO_LARGE,
]);

/** The result of the platform's JSON parser. */
function parsed(body: Uint8Array): { value?: unknown; failed: boolean } {
  try {
    return {
      value: JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)),
      failed: false,
    };
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return { failed: true };
    throw error;
  }
}

function decoded(body: Uint8Array): Vote | undefined {
  try {
    return fromBinary(VoteSchema, body, { readUnknownFields: false });
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

describe('the codecs, on random votes', () => {
  test('valid votes are encoded as protobuf-es encodes them, in every spelling', () => {
    const bodies = validVote
      .filter((vote) => !hasNumberKey(vote))
      .chain((vote) => jsonOf(vote).map((json) => ({ vote, json })));
    fc.assert(
      fc.property(bodies, ({ vote, json }) => {
        if (utf8.encode(json).length > 4096) return;
        const expected = message(vote);
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
        const expected = message(vote);
        const accepts = isKnownAndValid(expected);
        const body = toBinary(VoteSchema, expected);
        if (body.length <= 4096) expect(agreed('encodeVote', body).failure === undefined).toBe(accepts);
        const keys = new Set(vote.attributes.map(([key]) => key.toWellFormed()));
        // Two keys may become equal once well-formed, which JSON refuses and protobuf does not.
        if (utf8.encode(json).length > 4096 || keys.size < vote.attributes.length) return;
        expect(agreed('encodeJson', utf8.encode(json)).failure === undefined).toBe(accepts);
      }),
      { numRuns },
    );
  });

  test('a batch has the outcomes of its votes', () => {
    const batches = fc.array(fc.oneof(validVote, anyVote), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(batches, (votes) => {
        const messages = votes.map(message);
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
      fc.property(bodies, (body) => {
        const { failure } = agreed('encodeJson', body);
        const { value, failed } = parsed(body);
        if (failure === undefined) {
          expect(failed).toBeFalsy();
          const { contest, choice } = value as { contest: unknown; choice: unknown };
          const options = VECTOR_TABLE.contests.find(({ id }) => id === contest)?.options;
          expect(options?.some((option) => option === choice)).toBeTruthy();
        } else if (failure.code === ErrorCode.MALFORMED_JSON) {
          assert(failed);
        } else if (!unreadable.has(failure.code)) {
          expect(failed).toBeFalsy();
        }
      }),
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
    const bodies = validVote.chain((vote) => mutated(toBinary(VoteSchema, message(vote))));
    fc.assert(
      fc.property(bodies, (body) => {
        const said = agreed('encodeVote', body);
        const vote = decoded(body);
        if (said.failure === undefined) {
          assert(vote !== undefined && isKnownAndValid(vote));
          const { votes } = fromBinary(VoteBatchSchema, Buffer.from(said.bytes, 'hex'));
          assert(votes[0] !== undefined && equals(VoteSchema, votes[0], vote));
        } else if (!unreadable.has(said.failure.code)) {
          assert(vote !== undefined && !isKnownAndValid(vote));
        }
      }),
      { numRuns: 4 * numRuns },
    );
  });

  test('requests and batches of protobuf: they agree', () => {
    const votes = fc.array(validVote, { minLength: 1, maxLength: 3 }).map((all) => all.map(message));
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
