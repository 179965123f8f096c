import { expect, test } from 'vitest';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { batchReply } from './vote-reply.ts';

const rejections = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    index,
    code: ErrorCode.UNKNOWN_CHOICE,
    message: 'Unknown choice "x"',
  }));

test('a batch lists its rejected votes, the first hundred of them', () => {
  const few = batchReply({ ok: true, accepted: 3, rejected: rejections(2) });
  expect([few.status, few.type]).toStrictEqual([202, 'application/json']);
  expect(JSON.parse(few.body)).toStrictEqual({
    accepted: 3,
    rejected: [0, 1].map((index) => ({ index, code: 'unknown_choice', message: 'Unknown choice "x"' })),
  });
  const many = batchReply({ ok: true, accepted: 1, rejected: rejections(9_999) });
  expect(JSON.parse(many.body)).toMatchObject({ accepted: 1, omitted: 9_899 });
  expect(JSON.parse(many.body).rejected.length).toBe(100);
  expect(many.body.length).toBeLessThan(20_000);
});

test('a batch without accepted votes is a problem', () => {
  const { status, type, body } = batchReply({ ok: true, accepted: 0, rejected: rejections(10_000) });
  expect([status, type]).toStrictEqual([422, 'application/problem+json']);
  expect(JSON.parse(body)).toMatchObject({
    code: 'unknown_choice',
    detail: 'All 10000 votes were rejected; the first one: Unknown choice "x"',
    accepted: 0,
    omitted: 9_900,
  });
});
