import { expect, test } from 'vitest';
import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import { problemReply, problemResponse } from './problem-reply.ts';

test('a problem is an RFC 9457 body with the status of its code', () => {
  const errors = [{ field: 'voter', message: 'voter is missing', offset: 3 }];
  const { status, type, body } = problemReply({ code: ErrorCode.MISSING_FIELD, detail: 'voter is missing', errors });
  expect([status, type]).toStrictEqual([422, 'application/problem+json']);
  expect(JSON.parse(body)).toStrictEqual({
    type: 'tag:votewire,2026:problem:missing_field',
    title: 'Missing field',
    status: 422,
    code: 'missing_field',
    detail: 'voter is missing',
    errors,
  });
});

test('the problem determines the headers', () => {
  const headers = (code: ErrorCode, more = {}) =>
    Object.fromEntries(problemResponse({ code, detail: 'x', ...more }).headers);
  const always = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' };
  expect(headers(ErrorCode.NOT_FOUND)).toStrictEqual(always);
  expect(headers(ErrorCode.RATE_LIMITED, { retryAfter: 2 })).toStrictEqual({ ...always, 'retry-after': '2' });
  const quota = { name: 'votes', limit: 20, windowS: 2, remaining: 0, resetS: 3 };
  expect(headers(ErrorCode.RATE_LIMITED, { quota })).toStrictEqual({
    ...always,
    'ratelimit-policy': '"votes";q=20;w=2',
    ratelimit: '"votes";r=0;t=3',
  });
  expect(headers(ErrorCode.METHOD_NOT_ALLOWED, { allow: 'GET' })).toStrictEqual({ ...always, allow: 'GET' });
  expect(headers(ErrorCode.UNAUTHENTICATED)['www-authenticate']).toBe('Bearer realm="votewire"');
});
