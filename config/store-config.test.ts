import { expect, test } from 'vitest';
import { thrown } from '../tests/support/thrown.ts';
import { ConfigError } from './config-error.ts';
import { type Env, readChoice, readFlag, readInteger } from './env.ts';
import { readStoreConfig } from './store-config.ts';

test('the defaults', () => {
  // A developer's checkout may have a secret in ./data.
  expect({ ...readStoreConfig({}), secret: undefined }).toStrictEqual({
    redisUrls: ['redis://127.0.0.1:6379'],
    redisEviction: 'stop',
    mongodbUrl: undefined,
    dataDir: './data',
    partitions: undefined,
    secret: undefined,
    logTtlDays: 0,
    voteIdWindowHours: 24,
  });
});

test('treats an empty variable as absent', () => {
  const names = [
    'REDIS_URL',
    'MONGODB_URL',
    'DATA_DIR',
    'PARTITIONS',
    'SECRET',
    'LOG_TTL_DAYS',
    'VOTE_ID_WINDOW_HOURS',
  ];
  expect(readStoreConfig(Object.fromEntries(names.map((name) => [name, ''])))).toStrictEqual(readStoreConfig({}));
});

test('several hosts in REDIS_URL are a cluster and share the scheme and credentials of the first', () => {
  const { redisUrls } = readStoreConfig({ REDIS_URL: 'rediss://u:p@a:7000,b:7001, c' });
  expect(redisUrls).toStrictEqual(['rediss://u:p@a:7000', 'rediss://u:p@b:7001', 'rediss://u:p@c']);
});

const refused: [Env, RegExp][] = [
  [{ PARTITIONS: '0' }, /^PARTITIONS must be an integer from 1 to 1024; got "0"$/],
  [{ PARTITIONS: '4.5' }, /PARTITIONS .* integer .*"4\.5"/],
  [{ PARTITIONS: '0x10' }, /PARTITIONS .*"0x10"/],
  [{ PARTITIONS: '99999999999999999999' }, /PARTITIONS .*"9+"/],
  [{ LOG_TTL_DAYS: '-1' }, /LOG_TTL_DAYS .* 0 to 36500; got "-1"/],
  [{ VOTE_ID_WINDOW_HOURS: '0' }, /VOTE_ID_WINDOW_HOURS .* 1 to 720; got "0"/],
  [{ SECRET: 'too short' }, /^SECRET must be at least 16 characters long$/],
  [{ REDIS_URL: 'http://a' }, /REDIS_URL .* redis:\/\/.*"http:\/\/a"/],
  [{ REDIS_URL: 'redis://a,,b' }, /REDIS_URL/],
  [{ REDIS_URL: 'redis://a/1,b' }, /REDIS_URL.* only database 0/],
  [{ REDIS_URL: 'redis://u:hush@[' }, /REDIS_URL .*redis:\/\/\*\*\*@/],
  [{ MONGODB_URL: 'postgres://u:hush@db' }, /MONGODB_URL .* mongodb:\/\/.*postgres:\/\/u:\*\*\*@db/],
  [{ DATA_DIR: 'a\nb' }, /DATA_DIR .* control characters; got "a\\nb"/],
];

for (const [env, message] of refused) {
  test(`rejects ${JSON.stringify(env)} and names the variable, the rule and the value`, () => {
    expect(thrown(() => readStoreConfig(env))).toSatisfy(
      (error) => error instanceof ConfigError && message.test(error.message) && !error.message.includes('hush'),
    );
  });
}

test('reads choices, flags and integers', () => {
  expect(readChoice({ D: 'b' }, 'D', 'a', ['a', 'b'])).toBe('b');
  expect(() => readChoice({ D: 'c' }, 'D', 'a', ['a', 'b'])).toThrow(/D must be one of a, b; got "c"/);
  expect(['true', '1', 'false', '0', ''].map((value) => readFlag({ F: value }, 'F', true))).toStrictEqual([
    true,
    true,
    false,
    false,
    true,
  ]);
  expect(() => readFlag({ F: 'yes' }, 'F', true)).toThrow(/F must .*"yes"/);
  expect(readInteger({ N: '-5' }, 'N', { fallback: 1, min: -10, max: 10 })).toBe(-5);
});
