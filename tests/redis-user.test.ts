import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { startEdgeProcess } from '../edge/testing/edge-process.ts';
import { Child } from './support/child.ts';
import { startTestRedis } from './support/test-redis.ts';

const documented = /^ACL SETUSER (.*)$/m.exec(readFileSync(new URL('../docs/redis.md', import.meta.url), 'utf8'))?.[1];

test('the permissions in docs/redis.md are sufficient to accept, count and log a vote', async () => {
  await using stack = new AsyncDisposableStack();
  const { redis: admin, server, dir } = stack.use(await startTestRedis());
  await admin.send(undefined, ['ACL', 'SETUSER', ...(documented ?? '').split(' ')]);
  // No process may do more than this user.
  await admin.send(undefined, ['ACL', 'SETUSER', 'default', 'off']);
  const env = { REDIS_URL: server.url.replace('://', '://votewire:PASSWORD@'), DATA_DIR: dir };
  const edge = stack.use(await startEdgeProcess('node', env));
  const consumer = stack.use(
    new Child({
      name: 'consumer',
      command: [process.execPath, 'consumer/main.ts'],
      env: { ...env, CONSUMER_PORT: '0' },
    }),
  );
  consumer.start();
  const response = await fetch(`${edge.httpUrl}/v1/votes?wait=counted`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' }),
  });
  expect([response.status, await response.json()]).toMatchObject([200, { status: 'counted' }]);
  const results = await fetch(`${edge.httpUrl}/v1/contests/cats-vs-dogs/results`);
  expect(await results.json()).toMatchObject({ total: 1 });
  for (const { output } of [{ output: edge.output() }, consumer]) expect(output).not.toContain('NOPERM');
});
