import { expect, test } from 'vitest';
import { ConfigError } from '../config/config-error.ts';
import type { Env } from '../config/env.ts';
import { thrown } from '../tests/support/thrown.ts';
import { readConsumerConfig } from './config.ts';

test('defaults: both groups, claims after 5 s, a unique name, no port', () => {
  const config = readConsumerConfig({});
  expect([config.groups, config.claimIdleMs, config.maxDeliveries, config.port]).toStrictEqual([
    ['tally', 'log'],
    5000,
    5,
    0,
  ]);
  expect(readConsumerConfig({}).name).not.toBe(config.name);
  expect(readConsumerConfig({ CONSUMER_GROUPS: 'log , tally,log' }).groups).toStrictEqual(['tally', 'log']);
  expect(readConsumerConfig({ CONSUMER_GROUPS: 'log' }).groups).toStrictEqual(['log']);
});

const refused: [Env, RegExp][] = [
  [{ CONSUMER_GROUPS: 'tally,loog' }, /^CONSUMER_GROUPS must be "tally", "log" or "tally,log"; got "tally,loog"$/],
  [{ CONSUMER_NAME: 'a b' }, /CONSUMER_NAME must be .*"a b"/],
  [{ CLAIM_IDLE_MS: '99' }, /CLAIM_IDLE_MS .* from 100 to 3600000; got "99"/],
  [{ CONSUMER_PORT: '65536' }, /CONSUMER_PORT .* from 0 to 65535; got "65536"/],
  [{ MAX_DELIVERIES: '0' }, /MAX_DELIVERIES must be .*; got "0"/],
  [{ PARTITIONS: 'four' }, /PARTITIONS must be .*; got "four"/],
];

for (const [env, message] of refused) {
  test(`refuses ${JSON.stringify(env)}`, () => {
    expect(thrown(() => readConsumerConfig(env))).toSatisfy(
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  });
}
