import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testEntry } from '../../../store/log/testing/test-entries.ts';
import { startDashboardFixture } from '../testing/dashboard-fixture.ts';

const VOTES = 20_000;
const REQUESTS = 2000;

test('2,000 pipelined requests of a client that disconnects do not block the log', async () => {
  await using fixture = await startDashboardFixture();
  const attributes = { note: 'x'.repeat(60) };
  for (let from = 0; from < VOTES; from += 2000) {
    const votes = Array.from({ length: 500 }, () => ({ attributes }));
    await fixture.log.append([0, 1, 2, 3].map((n) => testEntry(from + n, { votes })));
  }
  const page = async (query = '') => {
    const began = performance.now();
    const answer = await fetch(`${fixture.url}/api/logs${query}`);
    await answer.arrayBuffer();
    expect(answer.status).toBe(200);
    return performance.now() - began;
  };
  // Let the heap grow to what ordinary reads need before it is measured.
  for (let n = 0; n < 50; n++) await page('?limit=1000');
  const rssBefore = process.memoryUsage().rss;
  for (const [path, requests] of [
    ['/api/logs/export?format=csv', 60],
    ['/api/logs/export?format=csv', REQUESTS],
    ['/api/logs?limit=1000', REQUESTS],
  ] as const) {
    const socket = connect(fixture.port, '127.0.0.1');
    // The server may reset a connection that asks for too much.
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`.repeat(requests));
    await delay(1000);
    socket.destroy();
    expect(await page(), `milliseconds of a page after ${requests} of ${path}`).toBeLessThan(2000);
  }
  expect((process.memoryUsage().rss - rssBefore) / 2 ** 20, 'MB more').toBeLessThan(64);
});

test('the number of concurrent exports is limited, and a finished export frees its place', async () => {
  await using fixture = await startDashboardFixture();
  const votes = Array.from({ length: 500 }, () => ({ attributes: { note: 'x'.repeat(100) } }));
  for (let n = 0; n < 200; n++) await fixture.log.append([testEntry(n, { votes })]);
  const open = () => fetch(`${fixture.url}/api/logs/export?format=ndjson`);
  // The test reads none of them, so none ends.
  const taken = await Promise.all(Array.from({ length: 8 }, open));
  expect(taken.map(({ status }) => status)).toStrictEqual(Array(8).fill(200));
  const ninth = await open();
  expect(ninth.status).toBe(503);
  expect(ninth.headers.get('retry-after')).toBe('10');
  await taken[0]?.body?.cancel();
  await expect.poll(async () => (await open()).status, { timeout: 5000 }).toBe(200);
  for (const { body } of taken) await body?.cancel().catch(() => undefined);
});
