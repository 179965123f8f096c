import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, type Env, readChoice, readFlag, readInteger, readStoreConfig } from './store-config.ts';

test('defaults work on a laptop', () => {
  assert.deepEqual(readStoreConfig({}), {
    redisUrls: ['redis://127.0.0.1:6379'],
    mongodbUrl: undefined,
    dataDir: './data',
    partitions: undefined,
    secret: undefined,
    logTtlDays: 0,
    voteIdWindowHours: 24,
  });
});

test('an empty variable counts as absent', () => {
  const names = [
    'REDIS_URL',
    'MONGODB_URL',
    'DATA_DIR',
    'PARTITIONS',
    'SECRET',
    'LOG_TTL_DAYS',
    'VOTE_ID_WINDOW_HOURS',
  ];
  assert.deepEqual(readStoreConfig(Object.fromEntries(names.map((name) => [name, '']))), readStoreConfig({}));
});

test('several hosts of REDIS_URL are a cluster, and take scheme and credentials from the first', () => {
  const { redisUrls } = readStoreConfig({ REDIS_URL: 'rediss://u:p@a:7000,b:7001, c' });
  assert.deepEqual(redisUrls, ['rediss://u:p@a:7000', 'rediss://u:p@b:7001', 'rediss://u:p@c']);
});

const refused: [Env, RegExp][] = [
  [{ PARTITIONS: '0' }, /^PARTITIONS=0 is not allowed: it must be a whole number from 1 to 1024\.$/],
  [{ PARTITIONS: '4.5' }, /PARTITIONS=4\.5 .* whole number/],
  [{ PARTITIONS: '0x10' }, /PARTITIONS=0x10/],
  [{ PARTITIONS: '99999999999999999999' }, /PARTITIONS=9+/],
  [{ LOG_TTL_DAYS: '-1' }, /LOG_TTL_DAYS=-1 .* 0 to 36500/],
  [{ VOTE_ID_WINDOW_HOURS: '0' }, /VOTE_ID_WINDOW_HOURS=0 .* 1 to 720/],
  [{ SECRET: 'too short' }, /^SECRET=\(hidden\) .* at least 16 characters long\.$/],
  [{ REDIS_URL: 'http://a' }, /REDIS_URL=http:\/\/a .* redis:\/\//],
  [{ REDIS_URL: 'redis://a,,b' }, /REDIS_URL/],
  [{ REDIS_URL: 'redis://a/1,b' }, /REDIS_URL.* no database but 0/],
  [{ REDIS_URL: 'redis://u:hush@[' }, /REDIS_URL=redis:\/\/u:\*\*\*@/],
  [{ MONGODB_URL: 'postgres://u:hush@db' }, /MONGODB_URL=postgres:\/\/u:\*\*\*@db .* mongodb:\/\//],
  [{ DATA_DIR: 'a\nb' }, /DATA_DIR="a\\nb" .* control character/],
];

for (const [env, message] of refused) {
  test(`refuses ${JSON.stringify(env)} with name, value and what is allowed`, () => {
    assert.throws(
      () => readStoreConfig(env),
      (error) => error instanceof ConfigError && message.test(error.message) && !error.message.includes('hush'),
    );
  });
}

test('words, flags and numbers', () => {
  assert.equal(readChoice({ D: 'b' }, 'D', 'a', ['a', 'b']), 'b');
  assert.throws(() => readChoice({ D: 'c' }, 'D', 'a', ['a', 'b']), /D=c is not allowed: it must be one of a, b\./);
  assert.deepEqual(
    ['true', '1', 'false', '0', ''].map((value) => readFlag({ F: value }, 'F', true)),
    [true, true, false, false, true],
  );
  assert.throws(() => readFlag({ F: 'yes' }, 'F', true), /F=yes/);
  assert.equal(readInteger({ N: '-5' }, 'N', { fallback: 1, min: -10, max: 10 }), -5);
});
