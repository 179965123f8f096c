import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordClaims } from '../../../store/monitoring/claims.ts';
import { writeHeartbeat } from '../../../store/monitoring/heartbeats.ts';
import { parseInteger } from '../../../store/redis/replies.ts';
import {
  countHistoryByMinuteKey,
  countHistoryKey,
  heartbeatsKey,
  processEventsKey,
} from '../../../store/streams/keys.ts';
import type { Results } from '../../../store/tally/results.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { History, OptionHistoryView } from '../../api/results.ts';
import type { SystemHistoryView } from '../../api/system-history.ts';
import { type DashboardFixture, startDashboardFixture } from '../testing/dashboard-fixture.ts';
import { createHistoryStore } from './history-store.ts';

const START = Date.parse('2026-03-01T12:00:00.000Z');

function results(...counts: number[]): Results {
  const options = counts.map((count, index) => ({ id: `o${index}`, label: 'x', count }));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const rest = { version: 1, voters: total, changed: 2, countedUpTo: null };
  return { contest: 'lunch', status: 'open', total, options, ...rest };
}

describe('histories in Redis', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await startDashboardFixture();
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  test('two dashboards write each second once, and old samples are dropped', async () => {
    const { redis } = fixture;
    const [one, two] = [createHistoryStore(redis), createHistoryStore(redis)];
    for (let second = 0; second < 4000; second += 10) {
      await one.add(results(second, 1), START + second * 1000 + 100);
      await two.add(results(second + 5, 1), START + second * 1000 + 700);
    }
    const length = (key: string) => redis.send(key, ['XLEN', key], parseInteger);
    expect(await length(countHistoryKey('lunch'))).toBe(361);
    expect(await length(countHistoryByMinuteKey('lunch'))).toBe(67);
    const ttl = await redis.send(countHistoryKey('lunch'), ['PTTL', countHistoryKey('lunch')], parseInteger);
    expect(ttl).toBeGreaterThan(0);
    const { fine, coarse, votes } = await one.load('lunch', ['o0', 'o1']);
    expect(fine.at(-1)).toStrictEqual([START + 3_990_000, 3990, 1]);
    expect(votes.at(-1)).toStrictEqual([START + 3_990_000, 3993]);
    expect(coarse[0]).toStrictEqual([START, 0, 1]);
    expect(await one.load('lunch', ['o1', 'o0'])).toStrictEqual({ fine: [], coarse: [], votes: [] });
    await one.remove('lunch');
    expect((await two.load('lunch', ['o0', 'o1'])).fine).toStrictEqual([]);
  });

  test('a dashboard that starts later shows what happened before', async () => {
    const ask = async <T>(url: string, path: string) => (await (await fetch(`${url}/api${path}`)).json()) as T;
    const pointsOf = async (url: string) =>
      (await ask<OptionHistoryView>(url, '/contests/cats-vs-dogs/option-history')).points;
    await fixture.count('cats-vs-dogs', 'cats', 3);
    await waitFor(async () => (await pointsOf(fixture.url)).some(([, cats]) => cats === 3), { what: 'three votes' });
    await fixture.count('cats-vs-dogs', 'cats', 4);
    await waitFor(async () => (await pointsOf(fixture.url)).some(([, cats]) => cats === 7), { what: 'seven votes' });
    await waitFor(
      async () =>
        (await ask<SystemHistoryView>(fixture.url, '/system/history')).samples.some(({ at }) => at < Date.now() - 3000),
      { what: 'a sample of the system from three seconds ago' },
    );
    const startedAt = Date.now();
    await using later = await fixture.startAnother();
    const url = `http://127.0.0.1:${later.port}`;
    await waitFor(async () => (await pointsOf(url)).some(([, cats]) => cats === 3), { what: 'the older counts' });
    const { points } = await ask<History>(url, '/contests/cats-vs-dogs/history');
    expect(points.some(([at, votes]) => at < startedAt && votes === 3)).toBe(true);
    await waitFor(
      async () => (await ask<SystemHistoryView>(url, '/system/history')).samples.some(({ at }) => at < startedAt - 500),
      { what: 'older samples of the system' },
    );
  });

  test('a killed consumer is an event on every dashboard, also on one that starts later', async () => {
    const { redis, url } = fixture;
    const started = { role: 'consumer', name: 'c1', startedAt: Date.now() - 60_000, details: {} } as const;
    await writeHeartbeat(redis, started);
    const textsOf = async (from: string) =>
      ((await (await fetch(`${from}/api/system/history`)).json()) as SystemHistoryView).events.map(({ text }) => text);
    await waitFor(async () => (await textsOf(url)).includes('Consumer c1 started'), { what: 'the start' });
    await using other = await fixture.startAnother();
    await recordClaims(redis, 'c2', ['c1', 'c1']);
    const killed = ['Consumer c1 stopped reporting; its entries were claimed by c2 (2)', 'Consumer c1 started'];
    const urls = [url, `http://127.0.0.1:${other.port}`];
    await waitFor(async () => (await textsOf(url)).includes(killed[0] ?? ''), { what: 'the end', timeoutMs: 15_000 });
    for (const each of urls) {
      await waitFor(async () => (await textsOf(each)).length === 2, { what: 'both events', timeoutMs: 5000 });
      expect(await textsOf(each)).toStrictEqual(killed);
    }
    await redis.send(heartbeatsKey, ['DEL', heartbeatsKey]);
    await using later = await fixture.startAnother();
    await waitFor(async () => (await textsOf(`http://127.0.0.1:${later.port}`)).length === 2, {
      what: 'stored events',
    });
    const length = await redis.send(processEventsKey, ['ZCARD', processEventsKey], parseInteger);
    expect(length, 'each event once').toBe(2);
  });
});
