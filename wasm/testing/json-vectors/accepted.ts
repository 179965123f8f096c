import type { Vector } from '../vector.ts';
import { ANA, attributes, BAND, CATS, LUIS, ok } from './json-vector.ts';

/** Votes that both codecs accept. */
export const accepted: readonly Vector[] = [
  ok('a vote', `{${CATS},"voter":"ana"}`, ANA),
  ok('white space everywhere', ` \t\r\n{ ${CATS.replaceAll(':', ' : ')}\n,\r"voter"\t:"ana" } \n`, ANA),
  ok('members in another order', `{"sequence":7,"voter":"ana","choice":"cats","contest":"cats-vs-dogs"}`, {
    ...ANA,
    sequence: 7,
  }),
  ok('the greatest sequence', `{${CATS},"voter":"ana","sequence":9007199254740991}`, {
    ...ANA,
    sequence: 9007199254740991,
  }),
  ok('sequence 0 means none', `{${CATS},"voter":"ana","sequence":0}`, ANA),
  ok('sequence beyond 32 bits', `{${CATS},"voter":"ana","sequence":4294967296}`, { ...ANA, sequence: 4294967296 }),
  ...['5.0', '5e0', '50e-1', '0.5E+1', '0.05e2', '5.000', '"5"', '"0005"', '"\\u0035"'].map((five) =>
    ok(`sequence ${five}`, `{${CATS},"voter":"ana","sequence":${five}}`, { ...ANA, sequence: 5 }),
  ),
  ...['-0', '-0.0', '0e99999999999', '0.000e-5', '"0"'].map((zero) =>
    ok(`sequence ${zero}`, `{${CATS},"voter":"ana","sequence":${zero}}`, ANA),
  ),
  ...['9007199254740991.0', '9.007199254740991e15', '9007199254740991000e-3', '"9007199254740991"'].map((greatest) =>
    ok(`the greatest sequence, ${greatest}`, `{${CATS},"voter":"ana","sequence":${greatest}}`, {
      ...ANA,
      sequence: 9007199254740991,
    }),
  ),
  ok('vote_id', `{${BAND},"vote_id":"A-1:b.c_d"}`, { ...LUIS, voteId: 'A-1:b.c_d' }),
  ok('voteId', `{${BAND},"voteId":"A"}`, { ...LUIS, voteId: 'A' }),
  ok('an empty vote_id means none', `{${BAND},"vote_id":""}`, LUIS),
  ok('attributes sorted by key', `{${BAND},"attributes":{"year":"1993","album":"A la memoria","rank":""}}`, {
    ...LUIS,
    attributes: { album: 'A la memoria', rank: '', year: '1993' },
  }),
  ok('a key that is a prefix of another comes first', `{${BAND},"attributes":{"ab":"1","a":"2","a.":"3"}}`, {
    ...LUIS,
    attributes: { a: '2', 'a.': '3', ab: '1' },
  }),
  ok('no attributes', `{${BAND},"attributes":{}}`, LUIS),
  ok('the maximum number of attributes', `{${BAND},"attributes":${JSON.stringify(attributes(8))}}`, {
    ...LUIS,
    attributes: attributes(8),
  }),
  ok(
    'the longest strings',
    `{"contest":"${'x'.repeat(64)}","choice":"${'y'.repeat(64)}","voter":"${'é'.repeat(64)}",
    "vote_id":"${'i'.repeat(64)}","attributes":{"${'k'.repeat(32)}":"${'v'.repeat(128)}"}}`,
    {
      contest: 'x'.repeat(64),
      choice: 'y'.repeat(64),
      voter: 'é'.repeat(64),
      voteId: 'i'.repeat(64),
      attributes: { ['k'.repeat(32)]: 'v'.repeat(128) },
    },
  ),
  ok('characters of 2, 3 and 4 bytes', `{${CATS},"voter":"é\u2f00\u{1f600}\u{10ffff}"}`, {
    ...ANA,
    voter: 'é\u2f00\u{1f600}\u{10ffff}',
  }),
  ok('escapes', `{${CATS},"voter":"\\"\\\\\\/\\u00e9\\u0041\\u2F00\\uD83d\\uDE00"}`, {
    ...ANA,
    voter: '"\\/éA\u2f00😀',
  }),
  ok(
    'escapes in keys and ids',
    `{"c\\u006fntest":"cats\\u002dvs-dogs","choic\\u0065":"c\\u0061ts","vot\\u0065r":"ana"}`,
    ANA,
  ),
  ok('29: braces of a Redis hash tag in a voter', `{${CATS},"voter":"{p3}:votes"}`, { ...ANA, voter: '{p3}:votes' }),
  ok('18: an attribute named constructor', `{${BAND},"attributes":{"constructor":"x"}}`, {
    ...LUIS,
    attributes: { constructor: 'x' },
  }),
];
