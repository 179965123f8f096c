import { expect, test } from 'vitest';
import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import type { VoteCodec } from './codec.ts';
import { loadModule } from './load-module.ts';
import { VECTOR_TABLE } from './testing/vectors.ts';
import { BAD_VOTERS, GOOD_VOTERS } from './testing/voters.ts';
import { TsCodec } from './ts-codec.ts';
import { WasmCodec } from './wasm-codec.ts';

/** Controls, separators, characters that rendering ignores, and format controls that no Unicode property identifies. */
const HIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u{13430}-\u{1343f}]/u;
const BLANK = /[\p{Zs}\u2800\u{13441}\u{13442}\u{1d159}]/u;
const MARK = /\p{M}/u;

const BATCH = 10_000;
const json = (voter: string) => JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter });

const IDS = Buffer.from('\x0a\x0ccats-vs-dogs\x12\x04cats\x1a');

/** A vote as an element of a batch, encoded by hand: a library would take most of this test's time. */
function element(voter: string): Buffer {
  const text = Buffer.from(voter);
  const size = IDS.length + 1 + text.length;
  return Buffer.concat([Uint8Array.of(0x0a, size), IDS, Uint8Array.of(text.length), text]);
}

/** Whether the codec accepts each of the voters. */
function verdicts(codec: VoteCodec, voters: readonly string[]): boolean[] {
  const accepted: boolean[] = [];
  for (let from = 0; from < voters.length; from += BATCH) {
    const votes = voters.slice(from, from + BATCH);
    const { failure, rejected } = codec.encodeVotes(Buffer.concat(votes.map(element)));
    expect(failure).toBeUndefined();
    const refused = new Set(rejected.map(({ index }) => index));
    accepted.push(...votes.map((_, at) => !refused.has(at)));
  }
  return accepted;
}

for (const codec of [new WasmCodec(await loadModule('codec')), new TsCodec()]) {
  codec.configure(VECTOR_TABLE);

  test(`the Unicode properties of a voter's characters decide (${codec.name})`, () => {
    // All assigned characters except ideographs of planes 2 and 3, and private use.
    for (const [first, last] of [
      [0, 0xd7ff],
      [0xe000, 0x1ffff],
      [0xe0000, 0xe0fff],
    ] as const) {
      const characters = Array.from({ length: last - first + 1 }, (_, at) => String.fromCodePoint(first + at));
      const wrong = (place: string, voterOf: (character: string) => string, isAllowed: (c: string) => boolean) => {
        const accepted = verdicts(codec, characters.map(voterOf));
        return characters.flatMap((character, at) =>
          accepted[at] === isAllowed(character) ? [] : [`${place} U+${character.codePointAt(0)?.toString(16)}`],
        );
      };
      const isEdge = (character: string) => !HIDDEN.test(character) && !BLANK.test(character);
      expect([
        ...wrong(
          'alone',
          (character) => character,
          (character) => isEdge(character) && !MARK.test(character),
        ),
        ...wrong(
          'first',
          (character) => `${character}a`,
          (character) => isEdge(character) && !MARK.test(character),
        ),
        ...wrong(
          'inner',
          (character) => `a${character}b`,
          (character) => !HIDDEN.test(character),
        ),
        ...wrong('last', (character) => `a${character}`, isEdge),
      ]).toStrictEqual([]);
    }
  });

  test.each(GOOD_VOTERS)(`%j may vote (${codec.name})`, (voter) => {
    expect(codec.encodeJson(Buffer.from(json(voter))).failure).toBeUndefined();
    expect(verdicts(codec, [voter])).toStrictEqual([true]);
  });

  test.each(BAD_VOTERS)(`rejects %s at its offset (${codec.name})`, (_name, voter, at) => {
    const body = json(voter);
    const offset = Buffer.byteLength(body.slice(0, body.indexOf(JSON.stringify(voter)) + 1 + at));
    const rejection = { index: 0, code: ErrorCode.INVALID_CHARACTER, offset, field: 'voter' };
    expect(codec.encodeJson(Buffer.from(body)).failure).toStrictEqual(rejection);
    expect(verdicts(codec, [voter])).toStrictEqual([false]);
  });
}
