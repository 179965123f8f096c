import { expect, test } from 'vitest';
import { loadModule } from '../../wasm/load-module.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import { rejectionMessage } from './rejection-problem.ts';

const NOT_AN_OBJECT = 'A vote is one JSON object, not';
const ROWS: readonly [body: string, end: string][] = [
  ['[1]', `${NOT_AN_OBJECT} an array (byte 0)`],
  [' "vote"', `${NOT_AN_OBJECT} "vote" (byte 1)`],
  ['null', `${NOT_AN_OBJECT} null (byte 0)`],
  ['{"voter":12}', 'it must be a string, not 12'],
  ['{"voter":{"$ne":null}}', 'it must be a string, not an object'],
  ['{"sequence":"1, 2"}', 'it must be a whole number, not "1, 2"'],
  ['{"attributes":"a\u202eb"}', 'it must be an object of strings, not "a\\u202eb"'],
  [`{"attributes":"${'é'.repeat(40)}"}`, `not "${'é'.repeat(31)}…`],
  ['{"sequence":-1}', 'from 0 to 9007199254740991, not -1'],
  [`{"sequence":${'1'.repeat(100)}}`, `, not ${'1'.repeat(64)}…`],
  ['{"contest":"Pets"}', 'a letter or a digit, not "P"'],
  ['{"contest":"pets","choice":"cats","voter":"\ufeffa"}', 'a control character, not U+FEFF'],
  [String.raw`{"contest":"pets","choice":"cats","voter":"\u0000"}`, 'invisible or a control character'],
];

for (const codec of [new WasmCodec(await loadModule('codec')), new TsCodec()]) {
  const options = ['cats'];
  codec.configure({ partitions: 1, contests: [{ id: 'pets', rule: 'one-per-voter', options }] });

  test(`what was refused ends its message (${codec.name})`, () => {
    for (const [body, end] of ROWS) {
      const { failure, body: read } = codec.encodeJson(Buffer.from(body));
      const message = failure === undefined ? 'it was taken' : rejectionMessage(failure, read);
      expect(message.endsWith(end), message).toBeTruthy();
    }
  });

  test(`a varint is not taken for a number of JSON (${codec.name})`, () => {
    const vote = Buffer.concat([
      Buffer.from('\x0a\x04pets\x12\x04cats\x1a\x01a0'),
      Buffer.alloc(9, 0xff),
      Buffer.of(1),
    ]);
    const { failure, body } = codec.encodeVote(vote);
    expect(failure === undefined ? '' : rejectionMessage(failure, body)).toMatch(/from 0 to 9007199254740991$/);
  });
}
