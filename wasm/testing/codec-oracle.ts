import assert from 'node:assert/strict';
import { create, equals, fromBinary, toBinary } from '@bufbuild/protobuf';
import { createValidator } from '@bufbuild/protovalidate';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { type Vote, VoteBatchSchema, VoteSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { Rejection, VoteCodec } from '../codec.ts';
import { loadModule } from '../load-module.ts';
import { TsCodec } from '../ts-codec.ts';
import { WasmCodec } from '../wasm-codec.ts';
import { VECTOR_TABLE } from './vectors.ts';

export type CodecCall = 'encodeJson' | 'encodeNdjson' | 'encodeVote' | 'encodeCastVote' | 'encodeVotes';

/** The complete outcome of one call. */
export interface CodecOutcome {
  readonly failure?: Rejection;
  /** Hexadecimal. */
  readonly bytes?: string;
  readonly ends?: number[];
  readonly partition?: number[];
  readonly contest?: number[];
  readonly index?: number[];
  readonly rejected?: readonly Rejection[];
  readonly wait?: boolean;
}

/** The patterns are RE2: `\x{...}` is `\u{...}` in JavaScript. */
const regexMatch = (pattern: string, against: string) =>
  new RegExp(pattern.replaceAll('\\x{', '\\u{'), 'u').test(against);
const validator = createValidator({ regexMatch });

/** Input that cannot be parsed; every other failure is a broken rule. */
const UNREADABLE = new Set<number>([
  ErrorCode.EMPTY_BODY,
  ErrorCode.MALFORMED_JSON,
  ErrorCode.INVALID_UTF8,
  ErrorCode.DUPLICATE_KEY,
  ErrorCode.NESTED_TOO_DEEP,
  ErrorCode.MALFORMED_PROTOBUF,
  ErrorCode.TOO_LARGE,
]);

/** Runs both codecs and compares them with each other, JSON.parse, protobuf-es and protovalidate. */
export class CodecOracle {
  readonly #wasm: VoteCodec;
  readonly #typescript: VoteCodec;

  constructor(wasm: VoteCodec = new WasmCodec(loadModule('codec')), typescript: VoteCodec = new TsCodec()) {
    this.#wasm = wasm;
    this.#typescript = typescript;
    for (const codec of [wasm, typescript]) codec.configure(VECTOR_TABLE);
  }

  /**
   * The outcome that both codecs agree on.
   *
   * @throws {AssertionError} if they differ
   */
  agreed(call: CodecCall, body: Uint8Array): CodecOutcome {
    const outcome = outcomeOf(this.#wasm, call, body);
    assert.deepEqual(outcomeOf(this.#typescript, call, body), outcome);
    return outcome;
  }

  /** @throws {AssertionError} if the codecs differ from each other or from JSON.parse */
  checkJson(body: Uint8Array): void {
    const { failure } = this.agreed('encodeJson', body);
    const { value, failed } = parsed(body);
    if (failure === undefined) {
      assert(!failed);
      const { contest, choice } = value as { contest: unknown; choice: unknown };
      assert(VECTOR_TABLE.contests.find(({ id }) => id === contest)?.options.some((option) => option === choice));
    } else if (failure.code === ErrorCode.MALFORMED_JSON) {
      assert(failed);
    } else if (!UNREADABLE.has(failure.code)) {
      assert(!failed);
    }
  }

  /** @throws {AssertionError} if the codecs differ from each other, from protobuf-es or from protovalidate */
  checkVote(body: Uint8Array): void {
    const { failure, bytes } = this.agreed('encodeVote', body);
    const vote = decoded(body);
    if (failure === undefined) {
      assert(vote !== undefined && isKnownAndValid(vote));
      const [encoded] = fromBinary(VoteBatchSchema, Buffer.from(bytes ?? '', 'hex')).votes;
      assert(encoded !== undefined && equals(VoteSchema, encoded, vote));
    } else if (!UNREADABLE.has(failure.code)) {
      assert(vote !== undefined && !isKnownAndValid(vote));
    }
  }
}

/** Whether a vote follows the rules in `proto/` and the table has its option. */
export function isKnownAndValid(vote: Vote): boolean {
  const options = VECTOR_TABLE.contests.find(({ id }) => id === vote.contest)?.options;
  return validator.validate(VoteSchema, vote).kind === 'valid' && options?.includes(vote.choice) === true;
}

/** The votes as elements of a VoteBatch, as protobuf-es encodes them. */
export function framed(votes: readonly Vote[]): Buffer {
  return Buffer.from(toBinary(VoteBatchSchema, create(VoteBatchSchema, { votes: [...votes] })));
}

function outcomeOf(codec: VoteCodec, call: CodecCall, body: Uint8Array): CodecOutcome {
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

/** The result of the platform's JSON parser. */
function parsed(body: Uint8Array): { value?: unknown; failed: boolean } {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
    return { value: JSON.parse(text), failed: false };
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
