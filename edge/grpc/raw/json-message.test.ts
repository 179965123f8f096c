import { fromBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { problemCode } from '../../../http/error-table.ts';
import { isProblem } from '../../../http/problem.ts';
import { CastVoteRequestSchema, CastVotesRequestSchema } from '../../../proto/gen/votewire/v1/service_pb.ts';
import { jsonMessage } from './json-message.ts';

const VOTE = '{"contest":"pets","choice":"cats","voter":"\ufffd","sequence":5.0,"attributes":{"sequence":"5.0"}}';

test("reads a request in protobuf's JSON, with unknown fields and null", () => {
  const one = jsonMessage(
    CastVoteRequestSchema,
    Buffer.from(`{"vote":${VOTE},"wait":true,"future":[1],"voteId":null}`),
  );
  expect(isProblem(one)).toBe(false);
  const { vote, wait } = fromBinary(CastVoteRequestSchema, one as Uint8Array);
  expect({ voter: vote?.voter, sequence: vote?.sequence, attributes: vote?.attributes, wait }).toStrictEqual({
    voter: '\ufffd',
    sequence: 5n,
    attributes: { sequence: '5.0' },
    wait: true,
  });
  const many = jsonMessage(CastVotesRequestSchema, Buffer.from(`{"votes":[${VOTE},${VOTE}]}`));
  expect(fromBinary(CastVotesRequestSchema, many as Uint8Array).votes.map(({ sequence }) => sequence)).toStrictEqual([
    5n,
    5n,
  ]);
});

test.each([
  ['', 'empty_body'],
  ['{"vote":', 'malformed_json'],
  ['[]', 'wrong_type'],
  ['{"vote":{"voter":1}}', 'wrong_type'],
  ['{"vote":{"attributes":{"sequence":5}}}', 'wrong_type'],
  ['{"vote":{"voter":"\\ud800"}}', 'invalid_utf8'],
  ['{"wait":"yes"}', 'wrong_type'],
])('%j is %s', (json, code) => {
  const message = jsonMessage(CastVoteRequestSchema, Buffer.from(json));
  expect(isProblem(message) && problemCode(message.code)).toBe(code);
});

test('rejects invalid UTF-8 instead of replacing it', () => {
  const message = jsonMessage(CastVoteRequestSchema, Buffer.from('{"vote":{"voter":"a\xff"}}', 'latin1'));
  expect(isProblem(message) && problemCode(message.code)).toBe('invalid_utf8');
});
