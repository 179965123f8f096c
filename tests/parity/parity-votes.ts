import fc from 'fast-check';
import { defaultContests } from '../../store/contests/default-contests.ts';
import {
  MAX_ATTRIBUTE_KEY_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_ATTRIBUTES,
  MAX_CHOICE_BYTES,
  MAX_CONTEST_BYTES,
  MAX_SEQUENCE,
  MAX_VOTE_ID_BYTES,
  MAX_VOTER_BYTES,
} from '../../wasm/limits.ts';
import { BAD_VOTERS } from '../../wasm/testing/voters.ts';

/** A vote that every transport can express. */
export interface ParityVote {
  readonly contest: string;
  readonly choice: string;
  readonly voter: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly voteId: string;
  readonly sequence: bigint;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const of = (characters: string, min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: min, maxLength: max });
const id = (max: number) =>
  fc.tuple(of(LETTERS, 1, 1), of(`${LETTERS}._-`, 0, max - 1)).map(([first, rest]) => first + rest);
/** At most 128 bytes: a character has up to 4. */
const text = (min: number) =>
  fc.oneof(of(`${LETTERS}ABC {}[]",:'\\/`, min, 128), of('aZ9 ñé\u{2f00}ጀ😀\u{10ffff}"\\', min, 32));

const known = fc.constantFrom(
  ...defaultContests.flatMap(({ id: contest, options }) => options.map(({ id: choice }) => ({ contest, choice }))),
);

/** Votes that every transport must accept. */
export const validVote: fc.Arbitrary<ParityVote> = fc
  .tuple(
    known,
    fc.record({
      voter: text(1).filter((voter) => voter.trim() === voter),
      // Assigning this key sets the prototype of an object.
      attributes: fc.dictionary(
        id(32).filter((key) => key !== '__proto__'),
        text(0),
        { maxKeys: MAX_ATTRIBUTES },
      ),
      voteId: of(`${LETTERS}ABC._:-`, 0, MAX_VOTE_ID_BYTES),
      sequence: fc.oneof(fc.bigInt({ min: 0n, max: 300n }), fc.bigInt({ min: 0n, max: 1n << 50n })),
    }),
  )
  .map(([choice, rest]) => ({ ...choice, ...rest }));

/** Each breaks exactly one rule, because with two broken rules transports may report either. */
const defects: fc.Arbitrary<(vote: ParityVote) => ParityVote> = fc.oneof(
  ...[
    fc.constantFrom(
      '',
      'Cats',
      '-cats',
      'cats vs dogs',
      'ñ',
      'a}b',
      'a\r\nb',
      'x'.repeat(MAX_CONTEST_BYTES + 1),
      'none',
    ),
  ].map((bad) => bad.map((contest) => (vote: ParityVote) => ({ ...vote, contest }))),
  fc
    .constantFrom('', 'Dogs', '_', 'constructor-', '__proto__', 'x'.repeat(MAX_CHOICE_BYTES + 1), 'tostring')
    .map((choice) => (vote: ParityVote) => ({ ...vote, choice })),
  fc
    .oneof(
      fc.constantFrom('', 'x'.repeat(MAX_VOTER_BYTES + 1), 'ñ'.repeat(65), '😀'.repeat(33)),
      fc.constantFrom(...BAD_VOTERS.map(([, voter]) => voter)),
      fc
        .tuple(
          text(0),
          fc.constantFrom(
            '\0',
            '\n',
            '\x7f',
            '\x85',
            '\xad',
            '\u061c',
            '\u200b',
            '\u202e',
            '\u2066',
            '\ufeff',
            '\ufff9',
          ),
        )
        .map(([around, bad]) => `${[...around].slice(0, 12).join('')}${bad}`),
    )
    .map((voter) => (vote: ParityVote) => ({ ...vote, voter })),
  fc
    .oneof(fc.constantFrom('!', 'a b', 'ñ', '\0'), of(LETTERS, MAX_VOTE_ID_BYTES + 1, 90))
    .map((voteId) => (vote: ParityVote) => ({ ...vote, voteId })),
  fc
    .bigInt({ min: BigInt(MAX_SEQUENCE) + 1n, max: (1n << 64n) - 1n })
    .map((sequence) => (vote: ParityVote) => ({ ...vote, sequence })),
  fc
    .oneof(
      fc.constantFrom<Record<string, string>>({ Album: 'x' }, { '': 'x' }, { a: '\n' }, { 'a b': '' }),
      of(LETTERS, MAX_ATTRIBUTE_KEY_BYTES + 1, 40).map((key) => ({ [key]: '' })),
      of(LETTERS, MAX_ATTRIBUTE_VALUE_BYTES + 1, 140).map((value) => ({ a: value })),
      fc.constant(Object.fromEntries(Array.from({ length: MAX_ATTRIBUTES + 1 }, (_, i) => [`k${i}`, 'v']))),
    )
    .map((attributes) => (vote: ParityVote) => ({ ...vote, attributes })),
);

/** Votes that every transport must reject. */
export const invalidVote: fc.Arbitrary<ParityVote> = fc.tuple(validVote, defects).map(([vote, spoil]) => spoil(vote));

export function voteJson({ voteId, sequence, attributes, ...rest }: ParityVote): string {
  const fields = JSON.stringify({ ...rest, attributes, vote_id: voteId });
  // Not with JSON.stringify, because JavaScript numbers are inexact beyond 2^53.
  return `${fields.slice(0, -1)},"sequence":${sequence}}`;
}
