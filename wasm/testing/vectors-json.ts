import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { ExpectedVote, Vector } from './vector.ts';

const utf8 = new TextEncoder();

/** Members of a vote that the vectors vary. */
const CATS = '"contest":"cats-vs-dogs","choice":"cats"';
const ANA: ExpectedVote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
const BAND = '"contest":"bandas","choice":"alux-nahual","voter":"luis"';
const LUIS: ExpectedVote = { contest: 'bandas', choice: 'alux-nahual', voter: 'luis' };

function ok(name: string, body: string, vote: ExpectedVote): Vector {
  return { name, call: 'encodeJson', body: utf8.encode(body), votes: [vote] };
}

/** `where`: the problem is at the first occurrence of this text; `'$'`: at the end. */
function bad(name: string, body: string | Uint8Array, code: ErrorCode, where: string | number, field?: string): Vector {
  const bytes = typeof body === 'string' ? utf8.encode(body) : body;
  return { name, call: 'encodeJson', body: bytes, failure: { code, offset: placeOf(body, where), ...named(field) } };
}

function named(field: string | undefined): { field?: string } {
  return field === undefined ? {} : { field };
}

function placeOf(body: string | Uint8Array, where: string | number): number {
  if (typeof where === 'number') return where;
  if (typeof body !== 'string') throw new Error('bytes need a number');
  if (where === '$') return utf8.encode(body).length;
  const at = body.indexOf(where);
  if (at < 0) throw new Error(`${where} is not in ${body}`);
  return utf8.encode(body.slice(0, at)).length;
}

/** Text with bytes as `\xNN`. */
function raw(text: string): Uint8Array {
  const parts = text.split(/\\x([0-9a-f]{2})/);
  return Uint8Array.from(
    parts.flatMap((part, at) => (at % 2 === 1 ? [Number.parseInt(part, 16)] : [...utf8.encode(part)])),
  );
}

const attributes = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, `v${at}`] as const));

const accepted: readonly Vector[] = [
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

const unreadable: readonly Vector[] = [
  bad('1: empty body', '', ErrorCode.EMPTY_BODY, 0),
  bad('1: only white space', ' \r\n', ErrorCode.EMPTY_BODY, 0),
  bad('2: truncated in a string', '{"contest":"cats', ErrorCode.MALFORMED_JSON, '$'),
  bad('2: truncated after a comma', `{${CATS},`, ErrorCode.MALFORMED_JSON, '$'),
  bad('2: truncated in an escape', '{"contest":"\\u00', ErrorCode.MALFORMED_JSON, '\\u00'),
  bad('2: bytes after the vote', `{${CATS},"voter":"ana"} ~`, ErrorCode.MALFORMED_JSON, '~'),
  bad('2: a second vote', `{${CATS},"voter":"ana"}{}`, ErrorCode.MALFORMED_JSON, '{}'),
  bad('2: a NUL after the vote', `{${CATS},"voter":"ana"}\0`, ErrorCode.MALFORMED_JSON, '\0'),
  bad('a trailing comma', `{${CATS},"voter":"ana",}`, ErrorCode.MALFORMED_JSON, '}'),
  bad('a comment', `{/**/${CATS}}`, ErrorCode.MALFORMED_JSON, '/**/'),
  bad('single quotes', "{'contest':'x'}", ErrorCode.MALFORMED_JSON, "'"),
  bad('no colon', '{"contest" "x"}', ErrorCode.MALFORMED_JSON, '"x"'),
  bad('no comma', '{"contest":"x" "choice":"y"}', ErrorCode.MALFORMED_JSON, '"choice"'),
  bad('an unknown escape', '{"voter":"a\\x41"}', ErrorCode.MALFORMED_JSON, '\\x41'),
  bad('a raw line feed in a string', '{"voter":"a\nb"}', ErrorCode.MALFORMED_JSON, '\n'),
  bad('a raw tab in a key', '{"vo\tter":"a"}', ErrorCode.MALFORMED_JSON, '\t'),
  bad('a truncated literal', '{"voter":nul}', ErrorCode.MALFORMED_JSON, 'nul'),
  bad('a leading zero', '{"sequence":01}', ErrorCode.MALFORMED_JSON, '1}'),
  bad('only a minus sign', '{"sequence":-}', ErrorCode.MALFORMED_JSON, '}'),
  bad('no digit after the point', '{"sequence":1.}', ErrorCode.MALFORMED_JSON, '}'),
  bad('no digit in the exponent', '{"sequence":1e+}', ErrorCode.MALFORMED_JSON, '}'),
  bad('a plus sign', '{"sequence":+1}', ErrorCode.MALFORMED_JSON, '+'),
  bad('NaN', '{"sequence":NaN}', ErrorCode.MALFORMED_JSON, 'NaN'),
  bad('a byte order mark', `\ufeff{${CATS},"voter":"ana"}`, ErrorCode.MALFORMED_JSON, 0),
  bad('a no-break space between tokens', `{${CATS},\u00a0"voter":"ana"}`, ErrorCode.MALFORMED_JSON, '\u00a0'),
  bad(
    '16: a duplicate key',
    `{${CATS},"voter":"ana","voter":"luis"}`,
    ErrorCode.DUPLICATE_KEY,
    '"voter":"luis"',
    'voter',
  ),
  bad(
    '16: a duplicate key, once with an escape',
    '{"voter":"ana","v\\u006fter":"luis"}',
    ErrorCode.DUPLICATE_KEY,
    15,
    'voter',
  ),
  bad('16: both names of vote_id', '{"vote_id":"a","voteId":"a"}', ErrorCode.DUPLICATE_KEY, '"voteId"', 'vote_id'),
  bad(
    '16: a duplicate attribute',
    '{"attributes":{"a":"1","b":"","a":"1"}}',
    ErrorCode.DUPLICATE_KEY,
    30,
    'attributes.a',
  ),
  bad('19: overlong', raw('{"voter":"\\xc0\\xaf"}'), ErrorCode.INVALID_UTF8, 10),
  bad('19: overlong of three bytes', raw('{"voter":"\\xe0\\x80\\xaf"}'), ErrorCode.INVALID_UTF8, 10),
  bad('19: overlong of four bytes', raw('{"voter":"\\xf0\\x80\\x80\\xaf"}'), ErrorCode.INVALID_UTF8, 10),
  bad('19: a surrogate', raw('{"voter":"a\\xed\\xa0\\x80"}'), ErrorCode.INVALID_UTF8, 11),
  bad('19: beyond U+10FFFF', raw('{"voter":"\\xf4\\x90\\x80\\x80"}'), ErrorCode.INVALID_UTF8, 10),
  bad('19: a lone continuation byte', raw('{"voter":"\\x80"}'), ErrorCode.INVALID_UTF8, 10),
  bad('19: cut off by the quote', raw('{"voter":"\\xe2\\x82"}'), ErrorCode.INVALID_UTF8, 10),
  bad('19: cut off by the end', raw('{"voter":"\\xe2\\x82'), ErrorCode.INVALID_UTF8, 10),
  bad('19: in a key', raw('{"\\xff":1}'), ErrorCode.INVALID_UTF8, 2),
  bad('19: in a skipped value', raw('{"nope":["\\xff"]}'), ErrorCode.INVALID_UTF8, 10),
  bad('19: a lone high surrogate', '{"voter":"a\\ud83d"}', ErrorCode.INVALID_UTF8, '\\ud83d'),
  bad('19: a lone low surrogate', '{"voter":"\\ude00"}', ErrorCode.INVALID_UTF8, '\\ude00'),
  bad('19: a high surrogate before a non-surrogate', '{"voter":"\\ud83d\\ue000"}', ErrorCode.INVALID_UTF8, '\\ud83d'),
  bad('19: two low surrogates', '{"voter":"\\ude00\\ude00"}', ErrorCode.INVALID_UTF8, '\\ude00'),
  bad('19: two high surrogates', '{"voter":"\\ud83d\\ud83d"}', ErrorCode.INVALID_UTF8, '\\ud83d'),
  bad('25: nested deep in arrays', `{"a":${'['.repeat(4000)}`, ErrorCode.NESTED_TOO_DEEP, 5 + 7),
  bad('25: nested deep in objects', `{"a":${'{"a":'.repeat(700)}`, ErrorCode.NESTED_TOO_DEEP, 5 + 7 * 5),
  bad('a broken rule, then malformed JSON', '{"nope":1,"voter":', ErrorCode.MALFORMED_JSON, '$'),
];

const ruleBreaking: readonly Vector[] = [
  bad('an empty object', '{}', ErrorCode.MISSING_FIELD, '}', 'contest'),
  bad('no choice', '{"contest":"bandas"}', ErrorCode.MISSING_FIELD, '}', 'choice'),
  bad('no voter', `{${CATS}}`, ErrorCode.MISSING_FIELD, '}', 'voter'),
  bad('an empty contest', '{"contest":"","choice":"cats","voter":"ana"}', ErrorCode.MISSING_FIELD, '""', 'contest'),
  bad('an empty choice', '{"contest":"bandas","choice":"","voter":"ana"}', ErrorCode.MISSING_FIELD, '""', 'choice'),
  bad('an empty voter', `{${CATS},"voter":""}`, ErrorCode.MISSING_FIELD, '""', 'voter'),
  bad('an empty key', `{${BAND},"attributes":{"":"x"}}`, ErrorCode.MISSING_FIELD, '""', 'attributes'),
  bad('3: over 4 KiB', `{${CATS},"voter":"ana"}${' '.repeat(4096)}`, ErrorCode.TOO_LARGE, 0),
  bad(
    '17: an unknown field',
    `{${CATS},"voter":"ana","isAdmin":true}`,
    ErrorCode.UNKNOWN_FIELD,
    '"isAdmin"',
    'isAdmin',
  ),
  bad('17: an unknown field with an unsafe name', `{${CATS},"voter":"ana","<b>":1}`, ErrorCode.UNKNOWN_FIELD, '"<b>"'),
  bad('18: __proto__', `{"__proto__":{"voter":"x"},${CATS}}`, ErrorCode.UNKNOWN_FIELD, '"__proto__"', '__proto__'),
  bad('18: constructor', `{"constructor":"x",${CATS}}`, ErrorCode.UNKNOWN_FIELD, '"constructor"', 'constructor'),
  bad(
    '18: __proto__ as an attribute',
    `{${BAND},"attributes":{"__proto__":"x"}}`,
    ErrorCode.INVALID_CHARACTER,
    '__proto__',
    'attributes',
  ),
  bad(
    '18: toString as a choice',
    '{"contest":"bandas","choice":"toString","voter":"a"}',
    ErrorCode.INVALID_CHARACTER,
    'String',
    'choice',
  ),
  bad('21: NUL in a voter', `{${CATS},"voter":"a\\u0000"}`, ErrorCode.INVALID_CHARACTER, '\\u0000', 'voter'),
  bad('21: DEL in a voter', `{${CATS},"voter":"a\x7f"}`, ErrorCode.INVALID_CHARACTER, '\x7f', 'voter'),
  bad('21: a C1 control', `{${CATS},"voter":"a\u0085"}`, ErrorCode.INVALID_CHARACTER, '\u0085', 'voter'),
  bad('21: a bidirectional override', `{${CATS},"voter":"a\u202eb"}`, ErrorCode.INVALID_CHARACTER, '\u202e', 'voter'),
  bad('21: a zero-width joiner', `{${CATS},"voter":"\u200d"}`, ErrorCode.INVALID_CHARACTER, '\u200d', 'voter'),
  bad(
    '21: a soft hyphen after an escape',
    `{${CATS},"voter":"\\u0041\\u00ad"}`,
    ErrorCode.INVALID_CHARACTER,
    '\\u00ad',
    'voter',
  ),
  bad(
    '21: a line separator in a value',
    `{${BAND},"attributes":{"a":"\u2028"}}`,
    ErrorCode.INVALID_CHARACTER,
    '\u2028',
    'attributes.a',
  ),
  bad(
    '21: an upper-case contest',
    '{"contest":"Bandas","choice":"a","voter":"a"}',
    ErrorCode.INVALID_CHARACTER,
    'Bandas',
    'contest',
  ),
  bad(
    '21: a choice that begins with a dash',
    '{"contest":"bandas","choice":"-a","voter":"a"}',
    ErrorCode.INVALID_CHARACTER,
    '-a',
    'choice',
  ),
  bad(
    '21: beyond ASCII in a contest',
    '{"contest":"bandás","choice":"a","voter":"a"}',
    ErrorCode.INVALID_CHARACTER,
    'á',
    'contest',
  ),
  bad('21: a space in a vote_id', `{${BAND},"vote_id":"a b"}`, ErrorCode.INVALID_CHARACTER, ' b', 'vote_id'),
  bad('23: 1e400', `{${CATS},"voter":"ana","sequence":1e400}`, ErrorCode.OUT_OF_RANGE, '1e400', 'sequence'),
  bad('23: 2^53', '{"sequence":9007199254740992}', ErrorCode.OUT_OF_RANGE, '9', 'sequence'),
  bad('23: 2^53 + 1', '{"sequence":9007199254740993}', ErrorCode.OUT_OF_RANGE, '9', 'sequence'),
  bad('23: 2^64 + 1', '{"sequence":18446744073709551617}', ErrorCode.OUT_OF_RANGE, '1', 'sequence'),
  bad('23: a hundred digits', `{"sequence":${'1'.repeat(100)}}`, ErrorCode.OUT_OF_RANGE, '1', 'sequence'),
  ...[
    ...['-1', '-5.0', '-1e-9', '1.5', '5e-1', '55e-1', '0.5', '9007199254740990.5', '5.00000000000000000001'],
    ...['9007199254740992.0', '9.007199254740992e15', '9007199254740991e1', '1e20', '1e99999999999', '5e-99999999999'],
    ...['"9007199254740992"', '"18446744073709551621"', '"00000000000000005"'],
  ].map((value) => bad(`23: ${value}`, `{"sequence":${value}}`, ErrorCode.OUT_OF_RANGE, value, 'sequence')),
  ...['""', '"5.0"', '"5e0"', '"-5"', '"+5"', '" 5"', '"5 "', '"0x5"', '"five"', '"\\u0665"'].map((text) =>
    bad(`23: ${text}`, `{"sequence":${text}}`, ErrorCode.WRONG_TYPE, text, 'sequence'),
  ),
  bad('24: null', '{"contest":null}', ErrorCode.WRONG_TYPE, 'null', 'contest'),
  bad('24: an array', '{"choice":["a"]}', ErrorCode.WRONG_TYPE, '[', 'choice'),
  bad('24: a number', '{"voter":12}', ErrorCode.WRONG_TYPE, '12', 'voter'),
  bad('24: true', '{"vote_id":true}', ErrorCode.WRONG_TYPE, 'true', 'vote_id'),
  bad('24: a string for the attributes', '{"attributes":"a"}', ErrorCode.WRONG_TYPE, '"a"', 'attributes'),
  bad('24: null for a value', '{"attributes":{"a":null}}', ErrorCode.WRONG_TYPE, 'null', 'attributes.a'),
  bad('24: an object for a value', '{"attributes":{"a":{"b":"c"}}}', ErrorCode.WRONG_TYPE, '{"b"', 'attributes.a'),
  bad('24: an array for the vote', `[{${CATS}}]`, ErrorCode.WRONG_TYPE, 0),
  bad('24: a string for the vote', '"vote"', ErrorCode.WRONG_TYPE, 0),
  bad('28: an operator', '{"voter":{"$ne":null}}', ErrorCode.WRONG_TYPE, '{"$ne"', 'voter'),
  bad('28: $where', `{"$where":"sleep(1)",${CATS}}`, ErrorCode.UNKNOWN_FIELD, '"$where"'),
  bad('29: a line break in a voter', `{${CATS},"voter":"a\\r\\nDEL x"}`, ErrorCode.INVALID_CHARACTER, '\\r', 'voter'),
  bad(
    '29: a brace in a contest',
    '{"contest":"{p3}","choice":"a","voter":"a"}',
    ErrorCode.INVALID_CHARACTER,
    '{p3}',
    'contest',
  ),
  bad(
    '30: an unknown contest',
    '{"contest":"nope","choice":"cats","voter":"ana"}',
    ErrorCode.UNKNOWN_CONTEST,
    '"nope"',
    'contest',
  ),
  bad(
    '30: an unknown option',
    '{"contest":"bandas","choice":"cats","voter":"ana"}',
    ErrorCode.UNKNOWN_CHOICE,
    '"cats"',
    'choice',
  ),
  bad('a contest of 65 bytes', `{"contest":"${'x'.repeat(65)}"}`, ErrorCode.TOO_LONG, `"${'x'.repeat(65)}`, 'contest'),
  bad('a choice of 65 bytes', `{"contest":"bandas","choice":"${'y'.repeat(65)}"}`, ErrorCode.TOO_LONG, '"yy', 'choice'),
  bad('a voter of 129 bytes', `{${CATS},"voter":"${'é'.repeat(64)}a"}`, ErrorCode.TOO_LONG, '"éé', 'voter'),
  bad(
    'a voter of 129 bytes, escaped',
    `{${CATS},"voter":"${'\\u00e9'.repeat(64)}a"}`,
    ErrorCode.TOO_LONG,
    '"\\u',
    'voter',
  ),
  bad('a vote_id of 65 bytes', `{${BAND},"vote_id":"${'i'.repeat(65)}"}`, ErrorCode.TOO_LONG, '"ii', 'vote_id'),
  bad('a key of 33 bytes', `{${BAND},"attributes":{"${'k'.repeat(33)}":""}}`, ErrorCode.TOO_LONG, '"kk', 'attributes'),
  bad(
    'a value of 129 bytes',
    `{${BAND},"attributes":{"a":"${'v'.repeat(129)}"}}`,
    ErrorCode.TOO_LONG,
    '"vv',
    'attributes.a',
  ),
  bad(
    'nine attributes',
    `{${BAND},"attributes":${JSON.stringify(attributes(9))}}`,
    ErrorCode.TOO_MANY_ATTRIBUTES,
    '"k8"',
    'attributes',
  ),
  bad('the first of two problems', '{"contest":"A","nope":1,"voter":""}', ErrorCode.INVALID_CHARACTER, 'A', 'contest'),
  bad(
    'the first of two problems, in reverse order',
    '{"nope":1,"contest":"A","voter":""}',
    ErrorCode.UNKNOWN_FIELD,
    '"nope"',
    'nope',
  ),
];

export const jsonVectors: readonly Vector[] = [...accepted, ...unreadable, ...ruleBreaking];
