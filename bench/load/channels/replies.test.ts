import { create, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { CastVoteResponseSchema, CastVotesResponseSchema, Status } from '../../../proto/gen/votewire/v1/service_pb.ts';
import { readConnectReply, readGrpcReply, readHttpReply } from './replies.ts';

const one = Buffer.from(
  toBinary(CastVoteResponseSchema, create(CastVoteResponseSchema, { receipt: 'r', status: Status.QUEUED })),
);
const empty = Buffer.alloc(0);
const framed = (message: Uint8Array) => {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
};
const batch = (accepted: number, rejected: number) =>
  Buffer.from(
    toBinary(
      CastVotesResponseSchema,
      create(CastVotesResponseSchema, {
        accepted,
        rejected: Array.from({ length: rejected }, (_, index) => ({ index })),
      }),
    ),
  );
const counts = ({ acknowledged, failed, unknown }: { acknowledged: number; failed: number; unknown: number }) => [
  acknowledged,
  failed,
  unknown,
];

test('HTTP: a 2xx counts only with a receipt', () => {
  const body = (value: unknown) => Buffer.from(JSON.stringify(value));
  expect(counts(readHttpReply(202, body({ receipt: 'r' }), 1, false))).toStrictEqual([1, 0, 0]);
  for (const bad of [body({}), body({ receipt: '' }), body([]), Buffer.from('<html>'), empty]) {
    expect(counts(readHttpReply(200, bad, 1, false)), bad.toString()).toStrictEqual([0, 0, 1]);
  }
  expect(counts(readHttpReply(422, body({ code: 'wrong_type' }), 1, false))).toStrictEqual([0, 1, 0]);
  expect(counts(readHttpReply(503, empty, 1, false))).toStrictEqual([0, 0, 1]);
});

test('HTTP batches must account for every vote', () => {
  const body = (accepted: number, rejected: number) =>
    Buffer.from(JSON.stringify({ accepted, rejected: Array.from({ length: rejected }, () => ({})) }));
  expect(counts(readHttpReply(202, body(10, 0), 10, true))).toStrictEqual([10, 0, 0]);
  expect(counts(readHttpReply(202, body(7, 3), 10, true))).toStrictEqual([7, 3, 0]);
  expect(counts(readHttpReply(202, body(7, 0), 10, true))).toStrictEqual([0, 0, 10]);
  expect(counts(readHttpReply(202, Buffer.from('{}'), 10, true))).toStrictEqual([0, 0, 10]);
});

test('gRPC: status 0 and one whole message with a receipt', () => {
  expect(counts(readGrpcReply('0', framed(one), 1, false))).toStrictEqual([1, 0, 0]);
  expect(counts(readGrpcReply('0', empty, 1, false))).toStrictEqual([0, 0, 1]);
  expect(counts(readGrpcReply('0', framed(empty), 1, false))).toStrictEqual([0, 0, 1]);
  expect(counts(readGrpcReply('0', framed(one).subarray(0, 6), 1, false))).toStrictEqual([0, 0, 1]);
  expect(counts(readGrpcReply(undefined, framed(one), 1, false))).toStrictEqual([0, 0, 1]);
  for (const refused of ['3', '5', '8', '9'])
    expect(counts(readGrpcReply(refused, empty, 1, false))).toStrictEqual([0, 1, 0]);
  for (const open of ['2', '4', '13', '14'])
    expect(counts(readGrpcReply(open, empty, 1, false))).toStrictEqual([0, 0, 1]);
  expect(counts(readGrpcReply('0', framed(batch(300, 0)), 300, true))).toStrictEqual([300, 0, 0]);
  expect(counts(readGrpcReply('0', framed(batch(298, 2)), 300, true))).toStrictEqual([298, 2, 0]);
  expect(counts(readGrpcReply('0', framed(batch(299, 0)), 300, true))).toStrictEqual([0, 0, 300]);
});

test('Connect: protobuf on 200; otherwise the status decides between rejected and unknown', () => {
  expect(counts(readConnectReply(200, one, 1, false))).toStrictEqual([1, 0, 0]);
  expect(counts(readConnectReply(400, Buffer.from('{"code":"invalid_argument"}'), 1, false))).toStrictEqual([0, 1, 0]);
  expect(counts(readConnectReply(503, empty, 1, false))).toStrictEqual([0, 0, 1]);
});
