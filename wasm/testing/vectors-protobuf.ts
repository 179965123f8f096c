import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { ExpectedVote, Vector } from './vector.ts';

const utf8 = new TextEncoder();

type Bytes = string | Uint8Array | readonly number[];

function bytesOf(value: Bytes): Uint8Array {
  return typeof value === 'string' ? utf8.encode(value) : Uint8Array.from(value);
}

/** A length-delimited field. */
function field(number: number, value: Bytes): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).bytes(bytesOf(value)).finish();
}

function integer(number: number, value: bigint | number): Uint8Array {
  return new BinaryWriter().tag(number, WireType.Varint).uint64(value).finish();
}

function join(...parts: Bytes[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...bytesOf(part)]));
}

function entry(key: Bytes, value: Bytes): Uint8Array {
  return field(4, join(field(1, key), field(2, value)));
}

const CONTEST = field(1, 'cats-vs-dogs');
const CHOICE = field(2, 'cats');
const VOTER = field(3, 'ana');
const ANA = join(CONTEST, CHOICE, VOTER);
const VOTE: ExpectedVote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
const IDS = CONTEST.length + CHOICE.length;

function ok(name: string, body: Uint8Array, vote: ExpectedVote): Vector {
  return { name, call: 'encodeVote', body, votes: [vote] };
}

function bad(name: string, body: Uint8Array, code: ErrorCode, offset: number, fieldName?: string): Vector {
  const failure = { code, offset, ...(fieldName !== undefined && { field: fieldName }) };
  return { name, call: 'encodeVote', body, failure };
}

const nested = (depth: number) => join(Array(depth).fill(0x4b), Array(depth).fill(0x4c));
const many = (count: number) => join(...Array.from({ length: count }, (_, at) => entry(`k${at}`, 'v')));
const malformed = ErrorCode.MALFORMED_PROTOBUF;

const one: readonly Vector[] = [
  ok('a vote', ANA, VOTE),
  ok('fields in another order', join(integer(6, 5), VOTER, CHOICE, CONTEST), { ...VOTE, sequence: 5 }),
  ok('explicit default values', join(ANA, field(5, ''), integer(6, 0)), VOTE),
  ok('16: the last of a repeated field wins', join(field(3, 'luis'), field(1, 'NOPE'), ANA), VOTE),
  ok('16: the last of a repeated key wins', join(ANA, entry('b', '\0'), entry('a', '1'), entry('b', '2')), {
    ...VOTE,
    attributes: { a: '1', b: '2' },
  }),
  ok('a map entry without its value', join(ANA, field(4, field(1, 'a'))), { ...VOTE, attributes: { a: '' } }),
  ok('a map entry, value first', join(ANA, field(4, join(field(2, 'v'), field(1, 'k')))), {
    ...VOTE,
    attributes: { k: 'v' },
  }),
  ok(
    '17: unknown fields of every type',
    join(
      integer(7, 1),
      ANA,
      field(100, 'x'),
      [0x41, 1, 2, 3, 4, 5, 6, 7, 8],
      [0x45, 1, 2, 3, 4],
      [0x4b, 0x08, 1, 0x4c],
    ),
    VOTE,
  ),
  ok('25: groups 100 deep', join(nested(100), ANA), VOTE),
  ok(
    'a tag and a length in more bytes than necessary',
    join([0x8a, 0x80, 0x80, 0x80, 0x00, 0x8c, 0x80, 0x80, 0x80, 0x80, 0x00], 'cats-vs-dogs', CHOICE, VOTER),
    VOTE,
  ),
  ok('the greatest sequence', join(ANA, integer(6, 9007199254740991n)), { ...VOTE, sequence: 9007199254740991 }),
  ok('characters beyond ASCII', join(CONTEST, CHOICE, field(3, 'ñandú😀')), { ...VOTE, voter: 'ñandú😀' }),
  ok('the maximum number of attributes', join(ANA, many(8)), {
    ...VOTE,
    attributes: Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`k${at}`, 'v'])),
  }),
  bad('1: empty message', Uint8Array.of(), ErrorCode.EMPTY_BODY, 0),
  bad('2: cut off in a string', ANA.subarray(0, -1), malformed, IDS),
  bad('2: truncated after a tag', join(ANA, [0x2a]), malformed, ANA.length),
  bad('2: cut off in a varint', join(ANA, [0x30, 0x80]), malformed, ANA.length),
  bad('2: cut off in a tag', join(ANA, [0x80]), malformed, ANA.length),
  bad('2: a tag of six bytes', join(ANA, [0xf8, 0x80, 0x80, 0x80, 0x80, 0x00, 1]), malformed, ANA.length),
  bad('2: a tag of 33 bits', join(ANA, [0xf8, 0x80, 0x80, 0x80, 0x10, 1]), malformed, ANA.length),
  bad('2: cut off in a map entry', join(ANA, field(4, [0x0a, 5, 0x61])), malformed, ANA.length + 2),
  bad('2: text after the vote', join(ANA, '\n'), malformed, ANA.length),
  bad('3: over 4 KiB', join(ANA, field(7, ' '.repeat(4096))), ErrorCode.TOO_LARGE, 0),
  bad('19: overlong', join(CONTEST, CHOICE, field(3, [0xc0, 0xaf])), ErrorCode.INVALID_UTF8, IDS + 2),
  bad('19: in a field that a later one replaces', join(field(3, [0x61, 0xff]), ANA), ErrorCode.INVALID_UTF8, 3),
  bad('19: in a contest', join(field(1, [0xed, 0xa0, 0x80]), CHOICE, VOTER), ErrorCode.INVALID_UTF8, 2),
  bad('19: in an attribute', join(ANA, entry('a', [0x80])), ErrorCode.INVALID_UTF8, ANA.length + 7),
  bad(
    '19: cut off by the next field',
    join(CONTEST, CHOICE, field(3, [0xe2, 0x82]), field(5, 'a')),
    ErrorCode.INVALID_UTF8,
    IDS + 2,
  ),
  bad(
    '19: cut off by a tag that looks like its continuation',
    join(CONTEST, CHOICE, field(3, [0xe2, 0x82]), field(16, 'a')),
    ErrorCode.INVALID_UTF8,
    IDS + 2,
  ),
  bad('21: NUL in a voter', join(CONTEST, CHOICE, field(3, 'a\0')), ErrorCode.INVALID_CHARACTER, IDS + 3, 'voter'),
  bad(
    '21: a zero-width space',
    join(CONTEST, CHOICE, field(3, 'a\u200b')),
    ErrorCode.INVALID_CHARACTER,
    IDS + 3,
    'voter',
  ),
  bad(
    '21: a bidirectional override',
    join(ANA, entry('a', '\u202e')),
    ErrorCode.INVALID_CHARACTER,
    ANA.length + 7,
    'attributes.a',
  ),
  bad(
    '18: __proto__ as an attribute',
    join(ANA, entry('__proto__', 'x')),
    ErrorCode.INVALID_CHARACTER,
    ANA.length + 4,
    'attributes',
  ),
  bad('23: a varint of 11 bytes', join(ANA, [0x30], Array(10).fill(0x80), [0]), malformed, ANA.length),
  bad('23: a varint of 65 bits', join(ANA, [0x30], Array(9).fill(0xff), [2]), malformed, ANA.length),
  bad('23: 2^64 - 1', join(ANA, [0x30], Array(9).fill(0xff), [1]), ErrorCode.OUT_OF_RANGE, ANA.length + 1, 'sequence'),
  bad('23: 2^53', join(ANA, integer(6, 9007199254740992n)), ErrorCode.OUT_OF_RANGE, ANA.length + 1, 'sequence'),
  bad('24: a number instead of a string', integer(1, 5), malformed, 0),
  bad('24: a string instead of a number', join(ANA, field(6, 'x')), malformed, ANA.length),
  bad('24: a fixed32 instead of a map', join(ANA, [0x25, 1, 2, 3, 4]), malformed, ANA.length),
  bad('25: groups 101 deep', nested(101), ErrorCode.NESTED_TOO_DEEP, 100),
  bad('an unterminated group', join(ANA, [0x4b, 0x08, 1]), malformed, ANA.length),
  bad('a group that another number ends', join([0x4b, 0x54]), malformed, 1),
  bad('a group end without a start', join([0x4c]), malformed, 0),
  bad('26: a declared length of 2^31', join(ANA, [0x2a, 0x80, 0x80, 0x80, 0x80, 0x08]), malformed, ANA.length),
  bad(
    '26: a declared length of 2^32 + 1',
    join(ANA, [0x2a, 0x81, 0x80, 0x80, 0x80, 0x10, 0x61]),
    malformed,
    ANA.length,
  ),
  bad('26: a declared length of 2^64 - 1', join(ANA, [0x2a], Array(9).fill(0xff), [1, 0x61]), malformed, ANA.length),
  bad('26: field number 0', join([0x02, 1, 0x61]), malformed, 0),
  bad('26: a field number beyond 2^29', join([0x82, 0x80, 0x80, 0x80, 0x10, 0x00]), malformed, 0),
  bad('wire types 6 and 7', join([0x46]), malformed, 0),
  bad('no contest', join(CHOICE, VOTER), ErrorCode.MISSING_FIELD, CHOICE.length + VOTER.length, 'contest'),
  bad('an empty choice', join(CONTEST, field(2, ''), VOTER), ErrorCode.MISSING_FIELD, CONTEST.length + 2, 'choice'),
  bad('no voter', join(CONTEST, CHOICE), ErrorCode.MISSING_FIELD, IDS, 'voter'),
  bad(
    'a map entry without its key',
    join(ANA, field(4, field(2, 'v'))),
    ErrorCode.MISSING_FIELD,
    ANA.length + 5,
    'attributes',
  ),
  bad('a voter of 129 bytes', join(CONTEST, CHOICE, field(3, 'a'.repeat(129))), ErrorCode.TOO_LONG, IDS + 3, 'voter'),
  bad(
    'a value of 129 bytes',
    join(ANA, entry('a', 'v'.repeat(129))),
    ErrorCode.TOO_LONG,
    ANA.length + 9,
    'attributes.a',
  ),
  bad('nine attributes', join(ANA, many(9)), ErrorCode.TOO_MANY_ATTRIBUTES, ANA.length + 8 * 9, 'attributes'),
  bad('30: an unknown contest', join(field(1, 'nope'), CHOICE, VOTER), ErrorCode.UNKNOWN_CONTEST, 2, 'contest'),
  bad(
    '30: an unknown option',
    join(CONTEST, field(2, 'birds'), VOTER),
    ErrorCode.UNKNOWN_CHOICE,
    CONTEST.length + 2,
    'choice',
  ),
];

const cast = (name: string, body: Uint8Array, rest: Partial<Vector>): Vector => ({
  name,
  call: 'encodeCastVote',
  body,
  ...rest,
});
const votes = (name: string, body: Uint8Array, rest: Partial<Vector>): Vector => ({
  name,
  call: 'encodeVotes',
  body,
  ...rest,
});

const requests: readonly Vector[] = [
  cast('a request', field(1, ANA), { votes: [VOTE] }),
  cast('a request that waits', join(integer(2, 1), field(1, ANA)), { votes: [VOTE], wait: true }),
  cast('the last wait wins', join(integer(2, 1), field(1, ANA), integer(2, 0)), { votes: [VOTE] }),
  cast('two parts of a vote merge', join(field(1, join(CONTEST, field(3, 'luis'))), field(1, join(CHOICE, VOTER))), {
    votes: [VOTE],
  }),
  cast('a rejected vote does not wait', join(integer(2, 1), field(1, CONTEST)), {
    failure: { code: ErrorCode.MISSING_FIELD, offset: 4 + CONTEST.length, field: 'choice' },
  }),
  cast('1: an empty request', Uint8Array.of(), { failure: { code: ErrorCode.EMPTY_BODY, offset: 0 } }),
  cast('1: no vote', integer(2, 1), { failure: { code: ErrorCode.MISSING_FIELD, offset: 2, field: 'vote' } }),
  cast('1: an empty vote', field(1, ''), { failure: { code: ErrorCode.MISSING_FIELD, offset: 2, field: 'contest' } }),
  cast('24: a string for wait', join(field(1, ANA), field(2, 'x')), {
    failure: { code: malformed, offset: 2 + ANA.length },
  }),
  votes('a batch', join(field(1, ANA), field(9, 'unknown'), field(1, ANA)), { votes: [VOTE, { ...VOTE, index: 1 }] }),
  votes('some votes rejected, others accepted', join(field(1, ''), field(1, ANA), field(1, CONTEST)), {
    votes: [{ ...VOTE, index: 1 }],
    rejected: [
      { code: ErrorCode.MISSING_FIELD, offset: 2, field: 'contest' },
      { index: 2, code: ErrorCode.MISSING_FIELD, offset: 2 + 2 + ANA.length + 2 + CONTEST.length, field: 'choice' },
    ],
  }),
  votes('3: a vote over 4 KiB', join(field(1, field(7, ' '.repeat(4096))), field(1, ANA)), {
    votes: [{ ...VOTE, index: 1 }],
    rejected: [{ code: ErrorCode.TOO_LARGE, offset: 3 }],
  }),
  votes('27: 10,001 empty votes', join(Array.from({ length: 20_002 }, (_, at) => (at % 2 === 0 ? 0x0a : 0))), {
    failure: { code: ErrorCode.TOO_MANY_VOTES, offset: 20_000 },
  }),
  votes('27: no votes', Uint8Array.of(), { failure: { code: ErrorCode.EMPTY_BODY, offset: 0 } }),
  votes('27: only unknown fields', field(9, 'x'), {
    failure: { code: ErrorCode.MISSING_FIELD, offset: 3, field: 'votes' },
  }),
  votes('2: a malformed vote fails the batch', join(field(1, ANA), field(1, [0x0a, 9])), {
    failure: { code: malformed, offset: 2 + ANA.length + 2 },
  }),
  votes('2: an envelope longer than the data', join(field(1, ANA), [0x0a, 50, 1]), {
    failure: { code: malformed, offset: 2 + ANA.length },
  }),
  votes('26: a declared length of 2^31', join([0x0a, 0x80, 0x80, 0x80, 0x80, 0x08]), {
    failure: { code: malformed, offset: 0 },
  }),
  votes('24: a packed number for a vote', integer(1, 1), { failure: { code: malformed, offset: 0 } }),
  votes('3: over 1 MiB', new Uint8Array((1 << 20) + 1), { failure: { code: ErrorCode.TOO_LARGE, offset: 0 } }),
];

export const protobufVectors: readonly Vector[] = [...one, ...requests];
