import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStartConfig } from './config.ts';

test('a bad variable of any part stops the start before anything runs', async () => {
  const bad = {
    PORT: 'x',
    DASHBOARD_PORT: '70000',
    CONSUMER_GROUPS: 'tally,foo',
    CONSUMERS: '0',
    REDIS_URL: 'http://x',
  };
  for (const [name, value] of Object.entries(bad)) {
    await assert.rejects(readStartConfig({ [name]: value }), (error: Error) => {
      assert.equal(error.name, 'ConfigError');
      assert.ok(error.message.includes(`${name}=${value}`), error.message);
      return true;
    });
  }
});

test('without variables everything has its default', async () => {
  const { edge, dashboard, consumers, ownRedis } = await readStartConfig({});
  assert.deepEqual([edge.port, dashboard.port, consumers, ownRedis], [8080, 8090, 2, true]);
});
