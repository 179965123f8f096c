import { expect, test } from 'vitest';
import { loadModule } from '../../wasm/load-module.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import { rejectionMessage } from './rejection-problem.ts';

const NOT_AN_OBJECT = 'A vote must be one JSON object; got';
const ROWS: readonly [body: string, end: string][] = [
  ['[1]', `${NOT_AN_OBJECT} an array at byte 0`],
  [' "vote"', `${NOT_AN_OBJECT} "vote" at byte 1`],
  ['null', `${NOT_AN_OBJECT} null at byte 0`],
  ['{"voter":12}', 'voter must be a string; got 12 at byte 9'],
  ['{"voter":{"$ne":null}}', 'voter must be a string; got an object at byte 9'],
  ['{"sequence":"1, 2"}', 'sequence must be an integer; got "1, 2" at byte 12'],
  ['{"attributes":"a\u202eb"}', 'attributes must be an object of strings; got "a\\u202eb" at byte 14'],
  [`{"attributes":"${'é'.repeat(40)}"}`, `got "${'é'.repeat(31)}… at byte 14`],
  ['{"sequence":-1}', 'from 0 to 9007199254740991; got -1 at byte 12'],
  ['{"sequence":"9007199254740992"}', 'from 0 to 9007199254740991; got "9007199254740992" at byte 12'],
  ['{"sequence":5.5}', 'from 0 to 9007199254740991; got 5.5 at byte 12'],
  [`{"sequence":${'1'.repeat(100)}}`, `; got ${'1'.repeat(64)}… at byte 12`],
  ['{"contest":"Pets"}', 'a letter or digit; got "P" at byte 12'],
  ['{"contest":"pets","choice":"cats","voter":"\ufeffa"}', 'spaces around them; got U+FEFF at byte 43'],
  ['{"contest":"pets","choice":"cats","voter":"a "}', 'spaces around them; got U+0020 at byte 44'],
  ['{"contest":"pets","choice":"cats","voter":"\u0301a"}', 'spaces around them; got U+0301 at byte 43'],
  [String.raw`{"contest":"pets","choice":"cats","voter":"\u0000"}`, 'spaces around them at byte 43'],
];

for (const codec of [new WasmCodec(await loadModule('codec')), new TsCodec()]) {
  const options = ['cats'];
  codec.configure({ partitions: 1, contests: [{ id: 'pets', rule: 'one-per-voter', options }] });

  test(`a message names the rejected value and its position (${codec.name})`, () => {
    for (const [body, end] of ROWS) {
      const { failure, body: read } = codec.encodeJson(Buffer.from(body));
      const message = failure === undefined ? 'it was accepted' : rejectionMessage(failure, read);
      expect(message.endsWith(end), message).toBeTruthy();
    }
  });

  test(`a varint is not quoted as a JSON number (${codec.name})`, () => {
    const vote = Buffer.concat([
      Buffer.from('\x0a\x04pets\x12\x04cats\x1a\x01a0'),
      Buffer.alloc(9, 0xff),
      Buffer.of(1),
    ]);
    const { failure, body } = codec.encodeVote(vote);
    expect(failure === undefined ? '' : rejectionMessage(failure, body)).toMatch(
      /from 0 to 9007199254740991 at byte \d+$/,
    );
  });
}
