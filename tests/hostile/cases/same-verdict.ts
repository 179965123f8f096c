import { create, toBinary } from '@bufbuild/protobuf';
import { VoteSchema } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { BAD_VOTERS, GOOD_VOTERS } from '../../../wasm/testing/voters.ts';
import type { HostileCase } from '../hostile-case.ts';
import { JSON_PATHS, PROTOBUF_PATHS, type VotePath } from '../vote-paths.ts';

/** The same bytes must get the same answer over every transport, because one decoder handles all votes. */
const IDS = { contest: 'cats-vs-dogs', choice: 'cats' };
const encode = (fields: object) => Buffer.from(toBinary(VoteSchema, create(VoteSchema, { ...IDS, ...fields })));
const vote = encode({ voter: 'ana' });
const voteWithout = encode({});
const then = (hex: string, before: Buffer = vote) => Buffer.concat([before, Buffer.from(hex, 'hex')]);
/** Nested groups, all of field 9. */
const groups = (depth: number) => '4b'.repeat(depth) + '4c'.repeat(depth);

const MESSAGES: readonly [name: string, vote: Uint8Array, expected: string][] = [
  ['plain', vote, 'stored'],
  ['sequence of 65 bits', then(`30${'ff'.repeat(9)}02`), 'malformed_protobuf'],
  ['sequence of 11 bytes', then(`30${'ff'.repeat(10)}01`), 'malformed_protobuf'],
  ['sequence of 64 bits', then(`30${'ff'.repeat(9)}01`), 'out_of_range'],
  ['sequence padded to 10 bytes', then(`3085${'80'.repeat(8)}00`), 'stored'],
  ['unterminated sequence', then('30ffff'), 'malformed_protobuf'],
  ['tag of 2 bytes', then('9a0003616e61', voteWithout), 'stored'],
  ['tag of 5 bytes', then('9a8080800003616e61', voteWithout), 'stored'],
  ['tag of 6 bytes', then('9a808080800003616e61', voteWithout), 'malformed_protobuf'],
  ['tag beyond 32 bits', then('9a8080801003616e61', voteWithout), 'malformed_protobuf'],
  ['length of 3 bytes', then('1a838000616e61', voteWithout), 'stored'],
  ['length of 65 bits', then(`1a83${'80'.repeat(8)}02616e61`, voteWithout), 'malformed_protobuf'],
  ['length beyond the end', then('1a7f616e61', voteWithout), 'malformed_protobuf'],
  ['group', then('4b4c'), 'stored'],
  ['nested groups', then('4b535b5c544c'), 'stored'],
  ['groups 100 deep', then(groups(100)), 'stored'],
  ['groups 101 deep', then(groups(101)), 'nested_too_deep'],
  ['unterminated group', then('4b'), 'malformed_protobuf'],
  ['end of another group', then('4b54'), 'malformed_protobuf'],
  ['group end without a start', then('4c'), 'malformed_protobuf'],
  ['unknown varint of 65 bits', then(`48${'ff'.repeat(9)}02`), 'malformed_protobuf'],
  ['unknown fixed64 cut off', then('49000000'), 'malformed_protobuf'],
  ['unknown fixed32 cut off', then('4d0000'), 'malformed_protobuf'],
  ['wire type 6', then('4e00'), 'malformed_protobuf'],
  ['field 0', then('0200'), 'malformed_protobuf'],
  ['voter as a varint', then('1805'), 'malformed_protobuf'],
  ['repeated voter', then('1a036c6973'), 'stored'],
  ['voter of invalid UTF-8', then('1a02c328', voteWithout), 'invalid_utf8'],
  ['group in an attribute', then('22080a01611201624b4c'), 'stored'],
];

const SEQUENCES: readonly [value: string, expected: string][] = [
  ...['5', '5.0', '5e0', '50e-1', '0.5e1', '-0', '"5"', '"0005"'].map((value) => [value, 'stored'] as const),
  ...['5.5', '5e-1', '-1', '1e400', '5.00000000000000000001', '9007199254740992', '9007199254740990.5'].map(
    (value) => [value, 'out_of_range'] as const,
  ),
  ...['"9007199254740992"', '"00000000000000005"'].map((value) => [value, 'out_of_range'] as const),
  ...['""', '"5.0"', '" 5"', '"0x5"', '"five"', 'true', '[5]', '{}'].map((value) => [value, 'wrong_type'] as const),
] as [string, string][];

const rows = (kind: string, name: string, paths: readonly VotePath[], bytes: Uint8Array, expected: string) =>
  paths.map(
    (path): HostileCase => ({
      transport: path.transport,
      name: `${kind} ${name}: ${path.name}`,
      sent: kind === 'protobuf' ? Buffer.from(bytes).toString('hex') : Buffer.from(bytes).toString(),
      send: (target) => path.send(target, bytes),
      expected: [expected],
    }),
  );

const withSequence = (value: string) =>
  Buffer.from(`{"contest":"cats-vs-dogs","choice":"cats","voter":"ana","sequence":${value}}`);
const withVoter = (voter: string) => Buffer.from(JSON.stringify({ ...IDS, voter }));
/** A selection; the codec tests cover the whole list. */
const VOTERS = BAD_VOTERS.filter(([name]) =>
  /^a (space|tag|Hangul filler|blank|zero-width j|combining mark a)/.test(name),
);

export const sameVerdict: readonly HostileCase[] = [
  ...MESSAGES.flatMap(([name, bytes, expected]) => rows('protobuf', name, PROTOBUF_PATHS, bytes, expected)),
  ...SEQUENCES.flatMap(([value, expected]) => rows('sequence', value, JSON_PATHS, withSequence(value), expected)),
  ...VOTERS.flatMap(([name, voter]) => [
    ...rows('voter', name, JSON_PATHS, withVoter(voter), 'invalid_character'),
    ...rows('protobuf', `voter ${name}`, PROTOBUF_PATHS, encode({ voter }), 'invalid_character'),
  ]),
  ...GOOD_VOTERS.flatMap((voter) => rows('voter', voter, JSON_PATHS.slice(0, 1), withVoter(voter), 'stored')),
];
