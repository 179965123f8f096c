import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { createAdminGuard } from './admin-guard.ts';

const TOKEN = 'the-right-admin-token';
const request = (authorization: string | undefined, peer = '10.0.0.1') => ({ peer, authorization, cookie: undefined });

test('the right token may, from any address, again and again', () => {
  const guard = createAdminGuard(TOKEN);
  for (let i = 0; i < 20; i++) assert.equal(guard(request(`Bearer ${TOKEN}`)), undefined);
});

test('wrong tokens use up the tries of their own address alone, for a minute', () => {
  let now = 1_000_000;
  const guard = createAdminGuard(TOKEN, () => now);
  for (let i = 0; i < 5; i++) assert.equal(guard(request(`Bearer no${i}`))?.code, ErrorCode.UNAUTHENTICATED);
  assert.equal(guard(request('Bearer no5'))?.code, ErrorCode.RATE_LIMITED);
  // Otherwise the answer would tell which guess was right.
  assert.equal(guard(request(`Bearer ${TOKEN}`))?.code, ErrorCode.RATE_LIMITED);
  assert.equal(guard(request(`Bearer ${TOKEN}`, '10.0.0.2')), undefined);
  now += 60_000;
  assert.equal(guard(request(`Bearer ${TOKEN}`)), undefined);
});

test('a token without its "Bearer" is told how to be sent, and is no try', () => {
  const guard = createAdminGuard(TOKEN);
  for (let i = 0; i < 9; i++) assert.match(guard(request(TOKEN))?.detail ?? '', /Bearer <token>/);
  assert.equal(guard(request(`Bearer ${TOKEN}`)), undefined);
});

test('without a token in the settings nobody may', () => {
  const guard = createAdminGuard(undefined);
  assert.equal(guard(request('Bearer '))?.code, ErrorCode.FORBIDDEN);
  assert.equal(guard(request('Bearer undefined'))?.code, ErrorCode.FORBIDDEN);
});
