import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { ProblemView } from '../../api/problem.ts';
import type { History, ResultsEvents } from '../../api/results.ts';
import { type DashboardFixture, readEvents, startDashboardFixture } from '../testing/dashboard-fixture.ts';

type Results = ResultsEvents['results'];

describe('results', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await startDashboardFixture();
  });
  afterAll(() => fixture[Symbol.asyncDispose]());
  const open = (path: string, headers?: Record<string, string>) => readEvents(fixture.url + path, headers);
  const totals = (reader: { events<T>(name: string): T[] }) =>
    reader.events<Results>('results').map(({ total }) => total);

  test('are the sum of all partitions', async () => {
    await fixture.count('cats-vs-dogs', 'cats', 3);
    const response = await fetch(`${fixture.url}/api/contests/cats-vs-dogs/results`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    const results = (await response.json()) as Results;
    expect(results).toStrictEqual({
      contest: 'cats-vs-dogs',
      status: 'open',
      version: 1,
      total: 3,
      voters: 3,
      changed: 0,
      countedUpTo: null,
      options: [
        { id: 'cats', label: 'Cats', count: 3 },
        { id: 'dogs', label: 'Dogs', count: 0 },
      ],
    });
    const missing = await fetch(`${fixture.url}/api/contests/nothing/results`);
    expect([missing.status, ((await missing.json()) as ProblemView).code]).toStrictEqual([404, 'unknown_contest']);
  });

  test('are streamed with event names and ids; only changes are sent', async () => {
    using reader = await open('/api/contests/cats-vs-dogs/events');
    expect(reader.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    await waitFor(() => reader.events('results').length === 1, { what: 'the first results' });
    expect(reader.text).toMatch(/^: heartbeat$/m);
    expect(reader.text).toMatch(/^id: [0-9a-f]{8}-\d+$/m);
    expect(reader.events('beat').length).toBe(1);
    await fixture.count('cats-vs-dogs', 'dogs', 2);
    await waitFor(() => totals(reader).at(-1) === 5, { what: 'the change' });
    await fixture.count('bandas', 'la-tona', 1);
    // Waits several ticks in which nothing of this contest changes.
    using all = await open('/api/events');
    await waitFor(() => all.events<Results>('results').some(({ contest }) => contest === 'bandas'), {
      what: 'the other contest',
    });
    expect(totals(reader)).toStrictEqual([3, 5]);
    expect(all.events<ResultsEvents['contests']>('contests')[0]?.contests.length).toBe(3);
  });

  test('a stream that resumes receives only the changes it missed', async () => {
    const first = await open('/api/contests/cats-vs-dogs/events');
    await waitFor(() => first.lastId !== undefined, { what: 'the first results' });
    const lastId = first.lastId ?? '';
    first[Symbol.dispose]();

    using same = await open('/api/contests/cats-vs-dogs/events', { 'last-event-id': lastId });
    await waitFor(() => same.events('beat').length === 1, { what: 'a beat' });
    await fixture.count('cats-vs-dogs', 'dogs', 1);
    await waitFor(() => totals(same).length > 0, { what: 'the change' });
    expect(totals(same)).toStrictEqual([6]);

    using missed = await open('/api/contests/cats-vs-dogs/events', { 'last-event-id': lastId });
    await waitFor(() => totals(missed).length === 1, { what: 'the missed change' });
    for (const id of ['00000000-9', 'x', `${lastId}9999999999999999`]) {
      using unknown = await open('/api/contests/cats-vs-dogs/events', { 'last-event-id': id });
      await waitFor(() => totals(unknown).length === 1, { what: `the full state, for ${id}` });
    }
  });

  test('have a history of counts per second', async () => {
    await fixture.count('visits', 'visit', 7);
    const read = async () => (await (await fetch(`${fixture.url}/api/contests/visits/history`)).json()) as History;
    await waitFor(async () => (await read()).points.at(-1)?.[1] === 7, { what: 'a sample' });
    expect((await read()).stepMs).toBe(1000);
  });

  test('stay hidden in every API until the contest closes', async () => {
    await fixture.count('bandas', 'alux-nahual', 41);
    using watching = await open('/api/contests/bandas/events');
    await waitFor(() => watching.events('results').length > 0, { what: 'results' });
    expect((await fixture.admin('PATCH', '/api/contests/bandas', { hidden: true })).status).toBe(200);
    await waitFor(() => watching.events('hidden').length > 0, { what: 'the hidden event' });
    const before = watching.events('results').length;
    await fixture.count('bandas', 'alux-nahual', 1000);
    using late = await open('/api/contests/bandas/events');
    using all = await open('/api/events');
    await waitFor(() => late.events('hidden').length > 0 && all.events('hidden').length > 0, {
      what: 'hidden events for new viewers',
    });
    expect(watching.events('hidden')[0]).toStrictEqual({ contest: 'bandas', status: 'open' });
    expect(watching.events('results').length).toBe(before);
    expect(late.events('results').length).toBe(0);
    expect(all.events<Results>('results').some(({ contest }) => contest === 'bandas')).toBeFalsy();
    for (const path of ['results', 'history', 'option-history', 'results/export']) {
      const response = await fetch(`${fixture.url}/api/contests/bandas/${path}`);
      const text = await response.text();
      expect(response.status, path).toBe(403);
      expect(JSON.parse(text).code).toBe('results_hidden');
      expect(text).not.toMatch(/1041/);
    }
    const metrics = await (await fetch(`${fixture.url}/metrics`)).text();
    expect(!metrics.includes('alux-nahual') && !/^votewire_.* 1041$/m.test(metrics)).toBeTruthy();

    await fixture.admin('PATCH', '/api/contests/bandas', { status: 'closed' });
    await waitFor(() => watching.events<Results>('results').at(-1)?.status === 'closed', { what: 'the final result' });
    expect(watching.events<Results>('results').at(-1)?.total ?? 0).toBeGreaterThanOrEqual(1041);
  });

  test('the text of an option cannot break the stream', async () => {
    const label = 'x event: results data: {"total":9}';
    await fixture.admin('POST', '/api/contests', {
      id: 'odd',
      title: '</script><img src=x>',
      rule: 'open',
      options: [{ id: 'a', label }],
    });
    using reader = await open('/api/contests/odd/events');
    await waitFor(() => reader.events('results').length === 1, { what: 'results' });
    expect(reader.events<Results>('results')[0]?.options[0]?.label).toBe(label);
  });

  test('results are exported with labels, and the histories of many contests come in one answer', async () => {
    const address = `${fixture.url}/api/contests/cats-vs-dogs/results/export`;
    const csv = await fetch(address);
    expect(csv.headers.get('content-disposition')).toBe('attachment; filename="cats-vs-dogs-results.csv"');
    expect(await csv.text()).toMatch(/^contest,title,.*\r\ncats-vs-dogs,Cats or dogs\?,cats,Cats,\d+,/);
    expect(await (await fetch(`${address}?format=json`)).json()).toMatchObject({
      contest: 'cats-vs-dogs',
      status: 'open',
    });
    expect((await fetch(`${address}?format=xml`)).status).toBe(422);
    const histories = await fetch(`${fixture.url}/api/histories?contests=cats-vs-dogs,visits,nothing`);
    const { histories: found } = (await histories.json()) as { histories: { contest: string }[] };
    expect(found.map(({ contest }) => contest)).toStrictEqual(['cats-vs-dogs', 'visits']);
  });

  test('HEAD opens no stream', async () => {
    const response = await fetch(`${fixture.url}/api/events`, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type') ?? '').toMatch(/^text\/event-stream/);
  });

  test('while Redis is frozen, requests get 503 in time; they recover with it', async () => {
    // The only stream: no results are followed.
    using tail = await open('/api/logs/events');
    await waitFor(() => tail.text.includes('event: beat'), { what: 'the tail of the log' });
    fixture.redisServer.process.kill('SIGSTOP');
    try {
      const frozen = performance.now();
      await waitFor(() => tail.events('stale').length > 0, { what: 'the stale event' });
      expect(performance.now() - frozen, 'milliseconds until the log is stale').toBeLessThan(1900);
      const started = performance.now();
      const answers = await Promise.all(
        ['contests/cats-vs-dogs/results', 'contests/visits/results', 'dead-letters'].map((path) =>
          fetch(`${fixture.url}/api/${path}`),
        ),
      );
      expect(answers.map(({ status }) => status)).toStrictEqual([503, 503, 503]);
      expect(performance.now() - started).toBeLessThan(3000);
      // Contests are served from memory.
      expect((await fetch(`${fixture.url}/api/contests`)).status).toBe(200);
    } finally {
      fixture.redisServer.process.kill('SIGCONT');
    }
    await waitFor(async () => (await fetch(`${fixture.url}/api/contests/cats-vs-dogs/results`)).ok, {
      what: 'an answer',
    });
  });

  // Runs last, because it stops Redis.
  test('without Redis, requests get 503 at once and streams report stale counts', async () => {
    using reader = await open('/api/contests/cats-vs-dogs/events');
    await waitFor(() => reader.events('results').length === 1, { what: 'results' });
    fixture.redisServer.process.kill('SIGKILL');
    await waitFor(() => reader.events('stale').length > 0, { what: 'the stale event' });
    expect(reader.events<ResultsEvents['stale']>('stale')[0]?.since ?? '').toMatch(/^\d{4}-/);
    const started = performance.now();
    const response = await fetch(`${fixture.url}/api/contests/cats-vs-dogs/results`);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(response.status).toBe(503);
    expect(response.headers.has('retry-after')).toBeTruthy();
    expect(((await response.json()) as ProblemView).code).toBe('store_unavailable');
    expect((await fetch(`${fixture.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${fixture.url}/healthz`)).status).toBe(200);
    await waitFor(
      async () => (await (await fetch(`${fixture.url}/metrics`)).text()).includes('votewire_system_readable 0'),
      { what: 'the gauge' },
    );
  });
});
