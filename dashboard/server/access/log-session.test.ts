import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashKey } from '../../../config/secrets/hashed-keys.ts';
import type { AccessToken } from './access-tokens.ts';
import { LogSessions } from './log-session.ts';

const reader: AccessToken = { name: 'reader', role: 'reader', digest: hashKey('one') };
const admin: AccessToken = { name: 'eva', role: 'admin', digest: hashKey('two') };
const SECRET = randomBytes(32);

test('every dashboard of the deployment accepts a cookie', () => {
  const value = new LogSessions(SECRET, [reader, admin]).open(admin);
  expect(new LogSessions(SECRET, [reader, admin]).find(value)).toBe(admin);
});

test('rejects forged, changed, expired and foreign cookies, and those of replaced tokens', () => {
  let now = 1_000_000;
  const sessions = new LogSessions(SECRET, [reader, admin], () => now);
  const value = sessions.open(reader);
  const [expires = '', signature = ''] = value.split('.');
  for (const forged of [
    '',
    '.',
    expires,
    `${Number(expires) + 1}.${signature}`,
    `${expires}.${signature.slice(1)}`,
    `${expires}.${'A'.repeat(43)}`,
    `${expires}.${Buffer.from(reader.digest).toString('base64url')}`,
    `${value}x`,
  ]) {
    expect(sessions.find(forged), forged).toBe(undefined);
  }
  expect(new LogSessions(randomBytes(32), [reader, admin], () => now).find(value), 'another deployment').toBe(
    undefined,
  );
  const rotated = { ...reader, digest: hashKey('three') };
  expect(new LogSessions(SECRET, [rotated, admin], () => now).find(value), 'a replaced token').toBe(undefined);
  now += 12 * 3_600_000 - 1;
  expect(sessions.find(value)).toBe(reader);
  now += 1;
  expect(sessions.find(value), 'expired').toBe(undefined);
});
