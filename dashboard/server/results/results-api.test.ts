import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { History, ProblemView, ResultsEvents } from '../../api.ts';
import { type DashboardFixture, readEvents, startDashboardFixture, until } from '../testing/dashboard-fixture.ts';

type Results = ResultsEvents['results'];

describe('results', () => {
  let fixture: DashboardFixture;
  before(async () => {
    fixture = await startDashboardFixture();
  });
  after(() => fixture[Symbol.asyncDispose]());
  const open = (path: string, headers?: Record<string, string>) => readEvents(fixture.url + path, headers);
  const totals = (reader: { events<T>(name: string): T[] }) =>
    reader.events<Results>('results').map(({ total }) => total);

  test('are the sum of all partitions, in the documented shape', async () => {
    await fixture.count('cats-vs-dogs', 'cats', 3);
    const response = await fetch(`${fixture.url}/api/contests/cats-vs-dogs/results`);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    const results = (await response.json()) as Results;
    assert.deepEqual(results, {
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
    assert.deepEqual([missing.status, ((await missing.json()) as ProblemView).code], [404, 'unknown_contest']);
  });

  test('are streamed with names, ids and a sign of life; only changes are sent', async () => {
    using reader = await open('/api/contests/cats-vs-dogs/events');
    assert.equal(reader.response.headers['content-type'], 'text/event-stream; charset=utf-8');
    await until('the first results', () => reader.events('results').length === 1);
    assert.match(reader.text, /^: heartbeat$/m);
    assert.match(reader.text, /^id: [0-9a-f]{8}-\d+$/m);
    assert.equal(reader.events('beat').length, 1);
    await fixture.count('cats-vs-dogs', 'dogs', 2);
    await until('the change', () => totals(reader).at(-1) === 5);
    await fixture.count('bandas', 'la-tona', 1);
    // Several ticks: nothing of this contest changed.
    using all = await open('/api/events');
    await until('the other contest', () => all.events<Results>('results').some(({ contest }) => contest === 'bandas'));
    assert.deepEqual(totals(reader), [3, 5]);
    assert.equal(all.events<ResultsEvents['contests']>('contests')[0]?.contests.length, 3);
  });

  test('a stream that comes back gets only what it missed', async () => {
    const first = await open('/api/contests/cats-vs-dogs/events');
    await until('the first results', () => first.lastId !== undefined);
    const lastId = first.lastId ?? '';
    first[Symbol.dispose]();

    using same = await open('/api/contests/cats-vs-dogs/events', { 'last-event-id': lastId });
    await until('a sign of life', () => same.events('beat').length === 1);
    await fixture.count('cats-vs-dogs', 'dogs', 1);
    await until('the change', () => totals(same).length > 0);
    assert.deepEqual(totals(same), [6]);

    using missed = await open('/api/contests/cats-vs-dogs/events', { 'last-event-id': lastId });
    await until('what it missed', () => totals(missed).length === 1);
    for (const id of ['00000000-9', 'x', `${lastId}9999999999999999`]) {
      using unknown = await open('/api/contests/cats-vs-dogs/events', { 'last-event-id': id });
      await until(`everything, for ${id}`, () => totals(unknown).length === 1);
    }
  });

  test('tell how many were counted at each second', async () => {
    await fixture.count('visits', 'visit', 7);
    const read = async () => (await (await fetch(`${fixture.url}/api/contests/visits/history`)).json()) as History;
    await until('a sample', async () => (await read()).points.at(-1)?.[1] === 7);
    assert.equal((await read()).stepMs, 1000);
  });

  test('stay hidden in every place until the contest closes', async () => {
    await fixture.count('bandas', 'alux-nahual', 41);
    using watching = await open('/api/contests/bandas/events');
    await until('results', () => watching.events('results').length > 0);
    assert.equal((await fixture.admin('PATCH', '/api/contests/bandas', { hidden: true })).status, 200);
    await until('the word that they are hidden', () => watching.events('hidden').length > 0);
    const before = watching.events('results').length;
    await fixture.count('bandas', 'alux-nahual', 1000);
    using late = await open('/api/contests/bandas/events');
    using all = await open('/api/events');
    await until(
      'the same for who comes now',
      () => late.events('hidden').length > 0 && all.events('hidden').length > 0,
    );
    assert.deepEqual(watching.events('hidden')[0], { contest: 'bandas', status: 'open' });
    assert.equal(watching.events('results').length, before);
    assert.equal(late.events('results').length, 0);
    assert.ok(!all.events<Results>('results').some(({ contest }) => contest === 'bandas'));
    for (const path of ['results', 'history']) {
      const response = await fetch(`${fixture.url}/api/contests/bandas/${path}`);
      const text = await response.text();
      assert.equal(response.status, 403, path);
      assert.equal(JSON.parse(text).code, 'results_hidden');
      assert.doesNotMatch(text, /1041/);
    }
    const metrics = await (await fetch(`${fixture.url}/metrics`)).text();
    assert.ok(!metrics.includes('alux-nahual') && !/^votewire_.* 1041$/m.test(metrics));

    await fixture.admin('PATCH', '/api/contests/bandas', { status: 'closed' });
    await until('the result', () => watching.events<Results>('results').at(-1)?.status === 'closed');
    assert.ok((watching.events<Results>('results').at(-1)?.total ?? 0) >= 1041);
  });

  test("an option's text can't break out of the stream", async () => {
    const label = 'x event: results data: {"total":9}';
    await fixture.admin('POST', '/api/contests', {
      id: 'odd',
      title: '</script><img src=x>',
      rule: 'open',
      options: [{ id: 'a', label }],
    });
    using reader = await open('/api/contests/odd/events');
    await until('results', () => reader.events('results').length === 1);
    assert.equal(reader.events<Results>('results')[0]?.options[0]?.label, label);
  });

  test('HEAD opens no stream', async () => {
    const response = await fetch(`${fixture.url}/api/events`, { method: 'HEAD' });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
  });

  test('while Redis is frozen an answer is 503 in time, and all is well when it goes on', async () => {
    fixture.redisServer.process.kill('SIGSTOP');
    try {
      const started = performance.now();
      const answers = await Promise.all(
        ['contests/cats-vs-dogs/results', 'contests/visits/results', 'dead-letters'].map((path) =>
          fetch(`${fixture.url}/api/${path}`),
        ),
      );
      assert.deepEqual(
        answers.map(({ status }) => status),
        [503, 503, 503],
      );
      assert.ok(performance.now() - started < 3000);
      // Contests are in memory.
      assert.equal((await fetch(`${fixture.url}/api/contests`)).status, 200);
    } finally {
      fixture.redisServer.process.kill('SIGCONT');
    }
    await until('an answer', async () => (await fetch(`${fixture.url}/api/contests/cats-vs-dogs/results`)).ok);
  });

  // The last one: it takes Redis away.
  test('while Redis is away an answer is 503 at once, and streams say so', async () => {
    using reader = await open('/api/contests/cats-vs-dogs/events');
    await until('results', () => reader.events('results').length === 1);
    fixture.redisServer.process.kill('SIGKILL');
    await until('the word that counts are stale', () => reader.events('stale').length > 0);
    assert.match(reader.events<ResultsEvents['stale']>('stale')[0]?.since ?? '', /^\d{4}-/);
    const started = performance.now();
    const response = await fetch(`${fixture.url}/api/contests/cats-vs-dogs/results`);
    assert.ok(performance.now() - started < 1000);
    assert.equal(response.status, 503);
    assert.ok(response.headers.has('retry-after'));
    assert.equal(((await response.json()) as ProblemView).code, 'store_unavailable');
    assert.equal((await fetch(`${fixture.url}/readyz`)).status, 503);
    assert.equal((await fetch(`${fixture.url}/healthz`)).status, 200);
    await until('the metrics to say so', async () =>
      (await (await fetch(`${fixture.url}/metrics`)).text()).includes('votewire_system_readable 0'),
    );
  });
});
