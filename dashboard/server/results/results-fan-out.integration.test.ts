import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { parseText } from '../../../store/redis/replies.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { type DashboardFixture, startDashboardFixture } from '../testing/dashboard-fixture.ts';

const VIEWERS = 1000;
const TICK_MS = 250;

/** The number of count reads that Redis has answered. */
async function countReads({ redis }: DashboardFixture): Promise<number> {
  const info = await redis.send(undefined, ['INFO', 'commandstats'], parseText);
  return Number(/^cmdstat_hmget:calls=(\d+)/m.exec(info)?.[1] ?? 0);
}

function openViewer(port: number): { socket: Socket; seen: () => string } {
  let text = '';
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /api/contests/cats-vs-dogs/events HTTP/1.1\r\nhost: localhost\r\n\r\n');
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  // The test ends the connection.
  socket.on('error', () => socket.destroy());
  return { socket, seen: () => text };
}

test('1,000 viewers cause one read of the counts per tick, and all of them see each change', async () => {
  await using fixture = await startDashboardFixture({ TICK_MS: `${TICK_MS}` });
  const viewers = Array.from({ length: VIEWERS }, () => openViewer(fixture.port));
  try {
    await waitFor(() => viewers.every(({ seen }) => seen().includes('"total":0')), {
      what: 'the first counts of every viewer',
      timeoutMs: 20_000,
    });
    const readsBefore = await countReads(fixture);
    const startedAt = performance.now();
    for (let round = 1; round <= 4; round++) {
      await fixture.count('cats-vs-dogs', 'cats', 1);
      await waitFor(() => viewers.every(({ seen }) => seen().includes(`"total":${round},`)), {
        what: `count ${round} at every viewer`,
        timeoutMs: 10_000,
      });
    }
    const ticks = Math.ceil((performance.now() - startedAt) / TICK_MS) + 1;
    const reads = (await countReads(fixture)) - readsBefore;
    // Three contests in four partitions each.
    expect(reads, `${reads} reads in ${ticks} ticks`).toBeLessThanOrEqual(ticks * 3 * 4);
    expect(reads).toBeGreaterThan(0);
    const metrics = await (await fetch(`${fixture.url}/metrics`)).text();
    expect(metrics.includes('votewire_dashboard_viewers{kind="results"} 1000')).toBeTruthy();
  } finally {
    for (const { socket } of viewers) socket.destroy();
  }
  await waitFor(
    async () =>
      (await (await fetch(`${fixture.url}/metrics`)).text()).includes('votewire_dashboard_viewers{kind="results"} 0'),
    { what: 'no viewers left' },
  );
});

test('a viewer beyond the limit is asked to retry', async () => {
  await using fixture = await startDashboardFixture({ MAX_VIEWERS: '1' });
  const { socket, seen } = openViewer(fixture.port);
  await waitFor(() => seen().includes('"total":0'), { what: 'the first viewer' });
  for (const path of ['/api/events', '/api/contests/cats-vs-dogs/events', '/api/logs/events']) {
    const second = await fetch(fixture.url + path);
    expect([second.status, second.headers.has('retry-after')]).toStrictEqual([503, true]);
  }
  socket.destroy();
});

test('one address cannot take all seats, and a closed stream releases its seat', async () => {
  await using fixture = await startDashboardFixture({ MAX_VIEWERS_PER_ADDRESS: '2', TRUST_PROXY: 'true' });
  const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
  const open = (address: string) => fetch(`${fixture.url}/api/events`, from(address));
  const first = [await open('10.0.0.1'), await open('10.0.0.1')];
  const third = await open('10.0.0.1');
  expect([third.status, third.headers.has('retry-after')]).toStrictEqual([429, true]);
  const others = [await open('10.0.0.2'), await open('10.0.0.3')];
  expect([...first, ...others].map(({ status }) => status)).toStrictEqual([200, 200, 200, 200]);
  expect((await fetch(`${fixture.url}/api/events`, { method: 'HEAD', ...from('10.0.0.2') })).status).toBe(200);
  await first[0]?.body?.cancel();
  await waitFor(
    async () => {
      const again = await open('10.0.0.1');
      await again.body?.cancel();
      return again.status === 200;
    },
    { what: 'a free seat' },
  );
  for (const { body } of [first[1], ...others].filter((one) => one !== undefined)) await body?.cancel();
});
