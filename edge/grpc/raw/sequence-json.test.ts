import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { VoteBatchSchema } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { MAX_SEQUENCE } from '../../../wasm/limits.ts';
import { TsCodec } from '../../../wasm/ts-codec.ts';
import { sequenceJson } from './sequence-json.ts';

const codec = new TsCodec();
codec.configure({ partitions: 1, contests: [{ id: 'a', rule: 'open', options: ['a'] }] });

/** The codec's result for the value in JSON over HTTP: the sequence, or the error. */
function byCodec(text: string): bigint | ErrorCode {
  const { failure, bytes, ends } = codec.encodeJson(
    Buffer.from(`{"contest":"a","choice":"a","voter":"a","sequence":${text}}`),
  );
  if (failure !== undefined) return failure.code;
  return fromBinary(VoteBatchSchema, bytes.subarray(0, ends[0])).votes[0]?.sequence ?? 0n;
}

/** The result for the value in protobuf's JSON, whose field has 64 bits and allows only strings of digits. */
function byProtobuf(text: string): bigint | ErrorCode {
  const value = sequenceJson(JSON.parse(text) as number | string, text.startsWith('"') ? undefined : text);
  if (typeof value !== 'string') return ErrorCode.WRONG_TYPE;
  return BigInt(value) > BigInt(MAX_SEQUENCE) ? ErrorCode.OUT_OF_RANGE : BigInt(value);
}

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0000123456789'), minLength, maxLength });
const whole = fc.oneof(digits(1, 18), fc.constantFrom('9007199254740991', '9007199254740992')).map((text) => {
  const trimmed = text.replace(/^0+/, '');
  return trimmed === '' ? '0' : trimmed;
});
const number = fc
  .record({
    sign: fc.constantFrom('', '', '', '-'),
    whole,
    fraction: fc.oneof(
      fc.constant(''),
      digits(1, 20).map((text) => `.${text}`),
      fc.constant('.000'),
    ),
    exponent: fc.oneof(
      fc.constant(''),
      fc.integer({ min: -25, max: 25 }).map((value) => `e${value}`),
    ),
  })
  .map(({ sign, whole: integer, fraction, exponent }) => `${sign}${integer}${fraction}${exponent}`);

test('a number in any notation means the same over HTTP and in protobuf JSON', () => {
  fc.assert(
    fc.property(number, (text) => {
      expect(byProtobuf(text), text).toBe(byCodec(text));
    }),
    { numRuns: 3000 },
  );
});

test('a string means the same over HTTP and in protobuf JSON', () => {
  const strings = fc.oneof(digits(0, 20), number, fc.string({ maxLength: 4 })).map((text) => JSON.stringify(text));
  fc.assert(
    fc.property(strings, (text) => {
      expect(byProtobuf(text), text).toBe(byCodec(text));
    }),
    { numRuns: 3000 },
  );
});

test('null means an absent field, and other types are rejected', () => {
  expect(sequenceJson(null)).toBe(null);
  expect([true, [5], {}].map((value) => typeof sequenceJson(value) === 'string')).toStrictEqual([false, false, false]);
});
