import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { type Vote, VoteSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { VECTOR_TABLE } from './vectors.ts';

/** Random votes and bodies for the property tests. */

export interface RandomVote {
  readonly contest: string;
  readonly choice: string;
  readonly voter: string;
  readonly attributes: readonly (readonly [string, string])[];
  readonly voteId: string;
  readonly sequence: bigint;
}

const characters = (all: string) => fc.constantFrom(...all);
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

function id(maxLength: number): fc.Arbitrary<string> {
  const rest = fc.string({ unit: characters(`${LETTERS}._-`), maxLength: maxLength - 1 });
  return fc.tuple(characters(LETTERS), rest).map(([first, others]) => first + others);
}

/** A voter of at most 128 bytes; an emoji has 4. */
const text = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 128 }),
  fc.string({ unit: characters('aZ09 ñé\u2f00ጀ😀\u{10ffff}"\\/{}'), maxLength: 32 }),
);

const known = fc.constantFrom(
  ...VECTOR_TABLE.contests.flatMap(({ id: contest, options }) => options.map((choice) => ({ contest, choice }))),
);

const attributes = fc.uniqueArray(fc.tuple(id(32), text), { maxLength: 8, selector: ([key]) => key });
const voteId = fc.string({ unit: characters('AZaz09._:-'), maxLength: 64 });
const sequence = fc.oneof(fc.bigInt({ min: 0n, max: 200n }), fc.bigInt({ min: 0n, max: 9007199254740991n }));

/** Votes that both codecs must accept. */
export const validVote: fc.Arbitrary<RandomVote> = fc
  .tuple(
    known,
    text.filter((voter) => voter !== '' && voter.trim() === voter),
    attributes,
    voteId,
    sequence,
  )
  .map(([ids, voter, pairs, vote_id, number]) => ({
    ...ids,
    voter,
    attributes: pairs,
    voteId: vote_id,
    sequence: number,
  }));

/** A string that often breaks a rule. */
const anyText = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.string({ unit: 'binary', maxLength: 140 }),
  fc.string({ unit: characters('a\0\x1f\x7f\x80\u009f\u00ad\u200b\u202e\u2066\ufeff\ufffb'), maxLength: 140 }),
  fc.string({ unit: characters(LETTERS), minLength: 25, maxLength: 140 }),
  // Characters that matter at the ends of a voter, and some that do not.
  fc.string({ unit: characters('a \u0301\u0663\u2800\u3000\u3164\ufe0f\u{1d159}\u{e0041}'), maxLength: 6 }),
);
const anyId = fc.oneof({ weight: 4, arbitrary: id(64) }, anyText, characters(`${LETTERS}.-_`));

/** Votes, some of which break a rule or name an unknown contest or option. */
export const anyVote: fc.Arbitrary<RandomVote> = fc
  .tuple(
    fc.oneof({ weight: 4, arbitrary: known }, fc.record({ contest: anyId, choice: anyId })),
    anyText,
    fc.uniqueArray(fc.tuple(fc.oneof({ weight: 4, arbitrary: id(33) }, anyText), anyText), {
      maxLength: 10,
      selector: ([key]) => key,
    }),
    fc.oneof({ weight: 3, arbitrary: voteId }, anyText),
    fc.oneof({ weight: 4, arbitrary: sequence }, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })),
  )
  .map(([ids, voter, pairs, vote_id, number]) => ({
    ...ids,
    voter,
    attributes: pairs,
    voteId: vote_id,
    sequence: number,
  }));

/** Equivalent spellings of a JSON text. */
const dress = fc.record({
  order: fc.array(fc.nat(5), { minLength: 6, maxLength: 6 }),
  space: fc.constantFrom('', '', ' ', '\t', ' \r '),
  escapes: fc.constantFrom<'none' | 'all' | 'some'>('none', 'none', 'all', 'some'),
  camel: fc.boolean(),
  spelled: fc.constantFrom<NumberSpelling>('plain', 'plain', 'point', 'exponent', 'shifted', 'string'),
});

type NumberSpelling = 'plain' | 'point' | 'exponent' | 'shifted' | 'string';

function spelling(value: bigint, spelled: NumberSpelling): string {
  if (spelled === 'point') return `${value}.00`;
  if (spelled === 'exponent') return `${value}e0`;
  if (spelled === 'shifted') return `${value}00E-2`;
  return spelled === 'string' ? `"${value}"` : `${value}`;
}

function quoted(value: string, escapes: 'none' | 'all' | 'some'): string {
  if (escapes === 'none') return JSON.stringify(value);
  const units = Array.from({ length: value.length }, (_, at) => value.charCodeAt(at));
  if (escapes === 'all') return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`;
  return JSON.stringify(value).replaceAll('a', '\\u0061').replaceAll('/', '\\/');
}

/** The JSON of a vote, in one of its many spellings; ill-formed strings are made well-formed first. */
export function jsonOf(vote: RandomVote): fc.Arbitrary<string> {
  return dress.map(({ order, space, escapes, camel, spelled }) => {
    const string = (value: string) => quoted(value.toWellFormed(), escapes);
    const pairs = vote.attributes.map(([key, value]) => `${string(key)}${space}:${string(value)}`);
    const members = [
      `${string('contest')}:${space}${string(vote.contest)}`,
      `${string('choice')}${space}:${string(vote.choice)}`,
      `"voter":${string(vote.voter)}`,
      ...(vote.attributes.length > 0 ? [`"attributes":{${space}${pairs.join(`${space},`)}${space}}`] : []),
      ...(vote.voteId !== '' ? [`"${camel ? 'voteId' : 'vote_id'}":${string(vote.voteId)}`] : []),
      ...(vote.sequence !== 0n ? [`"sequence":${spelling(vote.sequence, spelled)}${space}`] : []),
    ];
    const sorted = members.map((member, at) => ({ member, rank: order[at] ?? 0 })).sort((a, b) => a.rank - b.rank);
    return `${space}{${space}${sorted.map(({ member }) => member).join(`${space},${space}`)}}${space}`;
  });
}

/** Bytes that have a meaning in one of the formats. */
const telling = fc.constantFrom(
  ...Buffer.from('{}[]",:\\u0-+.eE \n\r\t/n\0\x0a\x12\x1a\x22\x2a\x30\x7f\x4b\x4c'),
  0x80,
  0xc0,
  0xff,
  0xed,
  0xf4,
);
const anyByte = fc.oneof(telling, fc.integer({ min: 0, max: 255 })).map((byte) => [byte]);

/** Fragments that are invalid in most places and valid in some. */
const pieces = fc.constantFrom(
  ...[
    '\\ud83d',
    '\\ude00',
    '\\u0000',
    '\\u00e9',
    '\\n',
    '\u202e',
    '\ufeff',
    '""',
    'null',
    '-',
    '0',
    '.5',
    '.0',
    'e0',
    '"5"',
    'e9',
    '99999999999',
    ',"voter":"x"',
    '"voter":"",',
    ',"attributes":{"a":"b","a":"c"}',
    ',"attributes":{"a":{}}',
    ',"sequence":-1',
    ',"x":[{"y":[1,true,null]}]',
    '[[[[[[[[[',
    '\n\n',
  ].map((text) => [...Buffer.from(text)]),
  [0xed, 0xa0, 0x80],
  [0xc0, 0xaf],
  [0xe2, 0x82],
  [0xf4, 0x90, 0x80, 0x80],
  [0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
  [0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
  [0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x10],
  [0x1a, 0x02, 0xc3, 0xa9],
  [0x1a, 0x02, 0xc3, 0x28],
  [0x1a, 0xff, 0xff, 0xff, 0xff, 0x0f],
  [0x22, 0x06, 0x0a, 0x01, 0x61, 0x12, 0x01, 0x62],
  [0x22, 0x03, 0x12, 0x01, 0xff],
  [0x4b, 0x4b, 0x4c, 0x4c],
  [0x8a, 0x00, 0x01, 0x61],
);

type Change = (body: readonly number[]) => readonly number[];

/** `place`: relative position in the body, 0 to 1. */
const change: fc.Arbitrary<Change> = fc
  .tuple(
    fc.constantFrom('set', 'insert', 'remove', 'cut', 'repeat'),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.oneof(anyByte, pieces),
    fc.integer({ min: 1, max: 12 }),
  )
  .map(
    ([kind, place, bytes, length]): Change =>
      (body) => {
        const at = Math.floor(place * body.length);
        switch (kind) {
          case 'set':
            return body.toSpliced(at, bytes.length, ...bytes);
          case 'insert':
            return body.toSpliced(at, 0, ...bytes);
          case 'remove':
            return body.toSpliced(at, length);
          case 'cut':
            return body.slice(0, at);
          default:
            return body.toSpliced(at, 0, ...body.slice(at, at + length));
        }
      },
  );

/** The body after one to three small changes of its bytes. */
export function mutated(body: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) =>
      Uint8Array.from(
        changes.reduce<readonly number[]>((bytes, apply) => (bytes.length === 0 ? bytes : apply(bytes)), [...body]),
      ),
    );
}

/** The vote as a message, its strings well-formed. */
export function toMessage({ attributes, ...vote }: RandomVote): Vote {
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
