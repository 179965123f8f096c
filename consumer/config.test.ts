import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, type Env } from '../config/store-config.ts';
import { readConsumerConfig } from './config.ts';

test('defaults: both groups, takeover after 5 s, a name of its own, no port', () => {
  const config = readConsumerConfig({});
  assert.deepEqual(
    [config.groups, config.claimIdleMs, config.maxDeliveries, config.port],
    [['tally', 'log'], 5000, 5, 0],
  );
  assert.notEqual(readConsumerConfig({}).name, config.name);
  assert.deepEqual(readConsumerConfig({ CONSUMER_GROUPS: 'log , tally,log' }).groups, ['tally', 'log']);
  assert.deepEqual(readConsumerConfig({ CONSUMER_GROUPS: 'log' }).groups, ['log']);
});

const refused: [Env, RegExp][] = [
  [
    { CONSUMER_GROUPS: 'tally,loog' },
    /^CONSUMER_GROUPS=tally,loog is not allowed: it must be "tally", "log" or "tally,log"\.$/,
  ],
  [{ CONSUMER_NAME: 'a b' }, /CONSUMER_NAME=a b is not allowed/],
  [{ CLAIM_IDLE_MS: '99' }, /CLAIM_IDLE_MS=99 .* from 100 to 3600000/],
  [{ CONSUMER_PORT: '65536' }, /CONSUMER_PORT=65536 .* from 0 to 65535/],
  [{ MAX_DELIVERIES: '0' }, /MAX_DELIVERIES=0/],
  [{ PARTITIONS: 'four' }, /PARTITIONS=four/],
];

for (const [env, message] of refused) {
  test(`refuses ${JSON.stringify(env)}`, () => {
    assert.throws(
      () => readConsumerConfig(env),
      (error) => error instanceof ConfigError && message.test(error.message),
    );
  });
}
