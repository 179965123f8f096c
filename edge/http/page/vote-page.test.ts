import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openContestStore } from '../../../store/contests/contests.ts';
import { openRedis } from '../../../store/redis/redis.ts';
import { type RedisServer, startRedisServer } from '../../../supervisor/redis/redis-server.ts';
import { type EdgeProcess, startEdgeProcess } from '../../testing/edge-process.ts';
import { type SuiteCounter, startSuiteCounter } from '../../testing/suite-counter.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('the pages of the edge', () => {
  let dir: string;
  let redis: RedisServer;
  let edge: EdgeProcess;
  let counter: SuiteCounter;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'votewire-pages-'));
    redis = await startRedisServer({ dir });
    const limits = { RATE_LIMIT_PER_SECOND: '1000', RATE_LIMIT_BURST: '60' };
    edge = await startEdgeProcess('node', { REDIS_URL: redis.url, DATA_DIR: dir, ...limits });
    counter = await startSuiteCounter(redis.url);
  });
  after(async () => {
    await counter?.[Symbol.asyncDispose]();
    await edge?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  /** A browser: keeps cookies, says where a form came from, and does not follow redirects. */
  function browser() {
    const cookies = new Map<string, string>();
    const ask = async (path: string, init: RequestInit = {}) => {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const headers = { ...(cookie !== '' && { cookie }), ...(init.headers as Record<string, string>) };
      const response = await fetch(`${edge.httpUrl}${path}`, { ...init, headers, redirect: 'manual' });
      for (const line of response.headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
      }
      return response;
    };
    const vote = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
      ask('/v1/votes', {
        method: 'POST',
        headers: { 'content-type': FORM, origin: edge.httpUrl, ...headers },
        body: new URLSearchParams(fields).toString(),
      });
    return { ask, vote, cookies };
  }
  const results = async (contest: string) => (await fetch(`${edge.httpUrl}/v1/contests/${contest}/results`)).json();

  test('lists the contests', async () => {
    const page = await (await browser().ask('/')).text();
    assert.match(page, /href="\/c\/cats-vs-dogs"/);
    assert.match(page, /Bandas de Guatemala/);
    assert.doesNotMatch(page, /href="\/c\/visits"/);
  });

  test('takes a vote without JavaScript, shows it, and lets it be changed', async () => {
    const { ask, vote } = browser();
    const first = await ask('/c/cats-vs-dogs');
    assert.match(
      first.headers.get('set-cookie') ?? '',
      /^voter=web-[^;]+; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    assert.match(first.headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/);
    assert.match(await first.text(), /<button class="option o0" name="choice" value="cats"/);

    const answer = await vote({ contest: 'cats-vs-dogs', choice: 'cats' });
    assert.deepEqual([answer.status, answer.headers.get('location')], [303, '/c/cats-vs-dogs?vote=counted']);
    const voted = await (await ask('/c/cats-vs-dogs?vote=counted')).text();
    assert.match(voted, /Your vote for Cats is counted\./);
    assert.match(voted, /value="cats"[^>]*aria-pressed="true"/);
    assert.equal((await results('cats-vs-dogs')).total, 1);

    await vote({ contest: 'cats-vs-dogs', choice: 'dogs' });
    const { total, changed, options } = await results('cats-vs-dogs');
    assert.deepEqual([total, changed, options[1].count], [1, 1, 1]);
  });

  test('a click that is sent twice counts once in an open contest, and carries the attributes', async () => {
    const { ask, vote } = browser();
    const page = await (await ask('/c/bandas')).text();
    const voteId = /name="vote_id" value="([\w-]{16})"/.exec(page)?.[1] ?? '';
    const fields = { contest: 'bandas', choice: 'la-tona', vote_id: voteId };
    assert.match((await vote(fields)).headers.get('location') ?? '', /vote=counted$/);
    assert.match((await vote(fields)).headers.get('location') ?? '', /vote=duplicate$/);
    assert.equal((await results('bandas')).total, 1);
  });

  test('who votes is in the cookie alone, and only a signed one counts', async () => {
    const { ask, vote, cookies } = browser();
    assert.equal((await vote({ contest: 'cats-vs-dogs', choice: 'cats' })).status, 401);
    await ask('/c/cats-vs-dogs');
    assert.equal((await vote({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'x' })).status, 422);
    const signed = cookies.get('voter') ?? '';
    cookies.set('voter', signed.replace('web-', 'wed-'));
    assert.equal((await vote({ contest: 'cats-vs-dogs', choice: 'cats' })).status, 401);
    cookies.set('voter', signed);
    assert.equal(
      (await vote({ contest: 'cats-vs-dogs', choice: 'cats' }, { origin: 'https://evil.example' })).status,
      403,
    );
    assert.equal((await vote({ contest: 'cats-vs-dogs', choice: 'birds' })).status, 422);
    assert.equal((await vote({ contest: 'nobody', choice: 'cats' })).status, 404);
    assert.equal((await results('cats-vs-dogs')).total, 1);
  });

  test('what an admin typed is shown as text, hidden results nowhere, a closed contest without buttons', async () => {
    {
      await using store = openRedis({ urls: [redis.url], name: 'test' });
      await store.whenReady();
      await using contests = await openContestStore({ redis: store, partitions: 4 });
      const title = '<script>alert(1)</script> & "more"';
      assert.ok((await contests.update('bandas', { title, hidden: true })).ok);
      assert.ok((await contests.update('cats-vs-dogs', { closesAt: '2020-01-01T00:00:00.000Z' })).ok);
    }
    const { ask, vote } = browser();
    const deadline = performance.now() + 5000;
    let page = '';
    for (; !page.includes('&lt;script&gt;'); page = await (await ask('/c/bandas')).text()) {
      assert.ok(performance.now() < deadline);
    }
    assert.doesNotMatch(page, /<script>alert/);
    assert.doesNotMatch(page, /class="share"/);
    assert.equal((await ask('/v1/contests/bandas/results')).status, 403);
    await ask('/c/cats-vs-dogs');
    const closed = await (await ask('/c/cats-vs-dogs?vote=counted')).text();
    assert.match(closed, /This vote is closed/);
    assert.doesNotMatch(closed, /<button/);
    const list = await (await ask('/')).text();
    assert.ok(list.indexOf('class="contest open" href="/c/bandas"') < list.indexOf('class="contest closed" href='));
    assert.match(list, /class="contest closed" href="\/c\/cats-vs-dogs"/);
    assert.match(await (await ask('/c/visits')).text(), /Each tap counts one more\./);
    assert.equal((await vote({ contest: 'cats-vs-dogs', choice: 'cats' })).status, 409);
    assert.equal((await ask('/c/nobody')).status, 404);
  });

  test('counts visits, and does not count who asks for the headers alone', async () => {
    const { ask } = browser();
    await ask('/visits', { method: 'HEAD' });
    assert.equal(await (await ask('/visits')).text(), 'This page has been visited 1 time\n');
    assert.equal(await (await ask('/visits')).text(), 'This page has been visited 2 times\n');
  });

  test('assets, health and metrics', async () => {
    const { ask } = browser();
    const page = await (await ask('/')).text();
    for (const [, path] of page.matchAll(/href="(\/assets\/[^"]+)"/g)) {
      const asset = await ask(path ?? '');
      assert.equal(asset.status, 200);
      assert.match(asset.headers.get('cache-control') ?? '', /immutable/);
    }
    assert.deepEqual(await (await ask('/healthz')).json(), { status: 'ok' });
    assert.equal((await ask('/readyz')).status, 200);
    const metrics = await (await ask('/metrics')).text();
    assert.match(metrics, /^votewire_votes_accepted_total\{path="http"\} \d+$/m);
    assert.match(metrics, /^votewire_votes_refused_total\{path="http",code="unknown_choice"\} 1$/m);
    assert.match(metrics, /^votewire_ready 1$/m);
    assert.match(metrics, /^# TYPE process_cpu_seconds_total counter$/m);
  });

  test("429 is for the caller's own quota, and a forged X-Forwarded-For buys nothing", async () => {
    const { ask } = browser();
    const body = '{"contest":"bandas","choice":"la-tona","voter":"x"}';
    const post = (votes: string, headers: Record<string, string>) =>
      ask('/v1/votes', { method: 'POST', body: votes, headers });
    // Takes the quota of the next seconds at once: a slow machine could not use it up by single votes.
    const batch = await post(`${body}\n`.repeat(10_000), { 'content-type': 'application/x-ndjson' });
    assert.equal(batch.status, 202);
    for (let i = 0; i < 10; i++) {
      const { status, headers } = await post(body, {
        'content-type': 'application/json',
        'x-forwarded-for': `10.0.0.${i}`,
      });
      assert.equal(status, 429);
      assert.ok(Number(headers.get('retry-after')) >= 1);
    }
  });
});
