import { expect, test } from 'vitest';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { createAdminGuard } from './admin-guard.ts';

const TOKEN = 'the-right-admin-token';
const request = (authorization: string | undefined, peer = '10.0.0.1') => ({ peer, authorization, cookie: undefined });

test('the right token is accepted from any address, any number of times', () => {
  const guard = createAdminGuard(TOKEN);
  for (let i = 0; i < 20; i++) expect(guard(request(`Bearer ${TOKEN}`))).toBe(undefined);
});

test('wrong tokens use up the tries of their own address, for one minute', () => {
  let now = 1_000_000;
  const guard = createAdminGuard(TOKEN, () => now);
  for (let i = 0; i < 5; i++) expect(guard(request(`Bearer no${i}`))?.code).toBe(ErrorCode.UNAUTHENTICATED);
  expect(guard(request('Bearer no5'))?.code).toBe(ErrorCode.RATE_LIMITED);
  // Otherwise the answer would reveal which guess is right.
  expect(guard(request(`Bearer ${TOKEN}`))?.code).toBe(ErrorCode.RATE_LIMITED);
  expect(guard(request(`Bearer ${TOKEN}`, '10.0.0.2'))).toBe(undefined);
  now += 60_000;
  expect(guard(request(`Bearer ${TOKEN}`))).toBe(undefined);
});

test('a token without "Bearer" is answered with the expected form, and is not a try', () => {
  const guard = createAdminGuard(TOKEN);
  for (let i = 0; i < 9; i++) expect(guard(request(TOKEN))?.detail ?? '').toMatch(/Bearer <token>/);
  expect(guard(request(`Bearer ${TOKEN}`))).toBe(undefined);
});

test('without a configured token every request is rejected', () => {
  const guard = createAdminGuard(undefined);
  expect(guard(request('Bearer '))?.code).toBe(ErrorCode.FORBIDDEN);
  expect(guard(request('Bearer undefined'))?.code).toBe(ErrorCode.FORBIDDEN);
});
