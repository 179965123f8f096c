import { expect, test } from 'vitest';
import { readStartConfig } from './config.ts';

test('an invalid variable of any service stops the start before anything runs', async () => {
  const bad = {
    PORT: 'x',
    DASHBOARD_PORT: '70000',
    CONSUMER_GROUPS: 'tally,foo',
    CONSUMERS: '0',
    REDIS_URL: 'http://x',
  };
  for (const [name, value] of Object.entries(bad)) {
    await expect(readStartConfig({ [name]: value })).rejects.toSatisfy((error: Error) => {
      expect(error.name).toBe('ConfigError');
      expect(
        error.message.startsWith(`${name} must be`) && error.message.endsWith(`got "${value}"`),
        error.message,
      ).toBeTruthy();
      return true;
    });
  }
});

test('defaults', async () => {
  const { edge, dashboard, consumers, embeddedRedis } = await readStartConfig({});
  expect([edge.port, dashboard.port, consumers, embeddedRedis]).toStrictEqual([8080, 8090, 2, true]);
});
