import { expect, test } from 'vitest';
import { hashKey } from '../../../config/secrets/hashed-keys.ts';
import { isProblem } from '../../../http/problem.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { readAccessTokens } from './access-tokens.ts';
import { createTokenVerifier, type TokenVerifier } from './token-verifier.ts';

const TOKEN = 'the-right-admin-token';
const TOKENS = readAccessTokens({
  ADMIN_TOKEN: TOKEN,
  ADMIN_TOKENS: `eva:${hashKey('key-of-eva').toString('hex')},eva:${hashKey('next-of-eva').toString('hex')}`,
  READ_TOKEN: 'a-token-for-readers',
});
const request = (authorization: string | undefined, address = '10.0.0.1') => ({
  address,
  authorization,
  cookie: undefined,
});

function codeOf(verify: TokenVerifier, authorization: string, address?: string, role: 'admin' | 'reader' = 'admin') {
  const result = verify(request(authorization, address), role);
  return isProblem(result) ? result.code : undefined;
}

test('a valid token identifies its owner', () => {
  const verify = createTokenVerifier(TOKENS);
  const admin = (name: string) => ({ name, role: 'admin' });
  expect(verify(request(`Bearer ${TOKEN}`), 'admin')).toMatchObject(admin('admin'));
  for (const key of ['key-of-eva', 'next-of-eva']) {
    expect(verify(request(`bearer ${key}`), 'admin')).toMatchObject(admin('eva'));
    expect(verify(request(`Bearer ${key}`), 'reader')).toMatchObject(admin('eva'));
  }
  const reader = request('Bearer a-token-for-readers');
  expect(verify(reader, 'reader')).toMatchObject({ name: 'reader', role: 'reader' });
  expect(verify(reader, 'admin')).toMatchObject({ code: ErrorCode.FORBIDDEN });
});

test('rejects the hash of a token, a different case and a part of it', () => {
  const verify = createTokenVerifier(TOKENS);
  const wrong = [hashKey('key-of-eva').toString('hex'), TOKEN.toUpperCase(), TOKEN.slice(1), `${TOKEN}x`];
  for (const [index, token] of wrong.entries()) {
    expect(codeOf(verify, `Bearer ${token}`, `10.0.0.${index}`), token).toBe(ErrorCode.UNAUTHENTICATED);
  }
});

test('wrong tokens with the same prefix use up the attempts of their address for a minute; a valid one always passes', () => {
  let now = 1_000_000;
  const verify = createTokenVerifier(TOKENS, () => now);
  for (let i = 0; i < 5; i++) expect(codeOf(verify, `Bearer the-old${i}`)).toBe(ErrorCode.UNAUTHENTICATED);
  expect(codeOf(verify, 'Bearer the-old5')).toBe(ErrorCode.RATE_LIMITED);
  expect(codeOf(verify, 'Bearer other'), 'another prefix').toBe(ErrorCode.UNAUTHENTICATED);
  expect(codeOf(verify, 'Bearer the-old6', '10.0.0.2'), 'another address').toBe(ErrorCode.UNAUTHENTICATED);
  expect(codeOf(verify, `Bearer ${TOKEN}`), 'the valid token, with the same prefix').toBe(undefined);
  now += 60_000;
  expect(codeOf(verify, 'Bearer the-old7')).toBe(ErrorCode.UNAUTHENTICATED);
});

test('addresses in one IPv6 /64 network share their attempts', () => {
  const verify = createTokenVerifier(TOKENS);
  for (let i = 0; i < 5; i++) codeOf(verify, `Bearer the-old${i}`, `2001:db8::${i}`);
  expect(codeOf(verify, 'Bearer the-old5', '2001:db8::5')).toBe(ErrorCode.RATE_LIMITED);
  expect(codeOf(verify, 'Bearer the-old5', '2001:db8:0:1::5')).toBe(ErrorCode.UNAUTHENTICATED);
});

test('limits wrong tokens with varying prefixes too', () => {
  const verify = createTokenVerifier(TOKENS);
  const codes = Array.from({ length: 31 }, (_, i) => codeOf(verify, `Bearer ${1000 + i}-guess`));
  expect(codes.slice(0, 30)).toStrictEqual(Array(30).fill(ErrorCode.UNAUTHENTICATED));
  expect(codes[30]).toBe(ErrorCode.RATE_LIMITED);
  expect(codeOf(verify, `Bearer ${TOKEN}`)).toBe(undefined);
});

test('a token without "Bearer" is answered with the expected form and does not count as an attempt', () => {
  const verify = createTokenVerifier(TOKENS);
  for (let i = 0; i < 40; i++) {
    expect(verify(request(TOKEN), 'admin')).toMatchObject({ detail: expect.stringContaining('Bearer <token>') });
  }
  expect(codeOf(verify, `Bearer ${TOKEN.slice(1)}`)).toBe(ErrorCode.UNAUTHENTICATED);
});

test('rejects every request for a role without a configured token', () => {
  const verify = createTokenVerifier(readAccessTokens({ READ_TOKEN: 'a-token-for-readers' }));
  expect(codeOf(verify, 'Bearer a-token-for-readers')).toBe(ErrorCode.FORBIDDEN);
  expect(codeOf(verify, 'Bearer undefined')).toBe(ErrorCode.FORBIDDEN);
  expect(codeOf(createTokenVerifier([]), 'Bearer undefined', undefined, 'reader')).toBe(ErrorCode.FORBIDDEN);
});

test('rejects settings with tokens that cannot be sent or have two roles', () => {
  expect(() => readAccessTokens({ ADMIN_TOKEN: 'a token with spaces' })).toThrow(/^ADMIN_TOKEN must be ASCII/);
  expect(() => readAccessTokens({ READ_TOKEN: 'short' })).toThrow(/READ_TOKEN must be at least 16 characters long/);
  expect(() => readAccessTokens({ ADMIN_TOKEN: TOKEN, READ_TOKEN: TOKEN })).toThrow(
    /READ_TOKEN is also an admin token/,
  );
  const scoped = `eva:${hashKey('x').toString('hex')}:bandas`;
  expect(() => readAccessTokens({ ADMIN_TOKENS: scoped })).toThrow(/ADMIN_TOKENS must be .* entry 1 is not$/);
});
