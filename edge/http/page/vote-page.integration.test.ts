import { assert, describe, expect, test } from 'vitest';
import { openContestStore } from '../../../store/contests/open-contest-store.ts';
import type { Redis } from '../../../store/redis/redis.ts';
import { startTestRedis } from '../../../tests/support/test-redis.ts';
import { type EdgeProcess, startEdgeProcess } from '../../testing/edge-process.ts';
import { useEdge } from '../../testing/use-edge.ts';

const FORM = 'application/x-www-form-urlencoded';

describe('the pages of the edge', () => {
  let edge: EdgeProcess;
  let redis: Redis;
  let deployment: Record<string, string>;
  const env = { EDGE_NAME: 'the-edge', RATE_LIMIT_PER_SECOND: '1000', RATE_LIMIT_BURST: '60' };
  useEdge({ env, counted: true }, (started) => {
    ({ edge, redis, deployment } = started);
  });

  /** A browser: keeps cookies, sends Origin with forms, and does not follow redirects. */
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
    expect(page).toMatch(/href="\/c\/cats-vs-dogs"/);
    expect(page).toMatch(/Bandas de Guatemala/);
    expect(page).not.toMatch(/href="\/c\/visits"/);
  });

  test('a short code leads to its contest in any spelling', async () => {
    const { ask } = browser();
    await using contests = await openContestStore({ redis, partitions: 4 });
    const code = contests.codeOf('bandas') ?? '';
    expect(code).toMatch(/^[2-9B-Z]{6}$/);
    for (const path of [`/${code}`, `/${code.toLowerCase()}`, `/?code=${code.slice(0, 3)}+${code.slice(3)}`]) {
      const answer = await ask(path);
      expect([answer.status, answer.headers.get('location')], path).toStrictEqual([302, '/c/bandas']);
    }
    expect((await ask('/ZZZZZZ')).headers.get('location')).toBe('/?code=ZZZZZZ');
    const unknown = await ask('/?code=ZZZZZZ', { headers: { 'accept-language': 'es' } });
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toMatch(/No hay ninguna votación con este código/);
  });

  test('accepts a vote without JavaScript, shows it, and accepts a change', async () => {
    const { ask, vote } = browser();
    const first = await ask('/c/cats-vs-dogs');
    expect(first.headers.get('set-cookie') ?? '').toMatch(
      /^voter=web-[^;]+; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(first.headers.get('content-security-policy') ?? '').toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(await first.text()).toMatch(/<button class="option o0" name="choice" value="cats"/);

    const answer = await vote({ contest: 'cats-vs-dogs', choice: 'cats' });
    expect(answer.status).toBe(303);
    const location = answer.headers.get('location') ?? '';
    expect(location).toMatch(/^\/c\/cats-vs-dogs\?vote=counted&receipt=[\w-]+#o-cats$/);
    const shown = await (await ask(location)).text();
    expect(shown).toMatch(
      /data-status="counted"><a href="\/v1\/receipts\/[\w-]+">Receipt<\/a>: counted, received by the-edge, processed by suite\./,
    );
    const voted = await (await ask('/c/cats-vs-dogs?vote=counted')).text();
    expect(voted).toMatch(/Your vote for Cats is counted\./);
    expect(voted).toMatch(/value="cats"[^>]*aria-pressed="true"/);
    expect((await results('cats-vs-dogs')).total).toBe(1);

    await vote({ contest: 'cats-vs-dogs', choice: 'dogs' });
    const { total, changed, options } = await results('cats-vs-dogs');
    expect([total, changed, options[1].count]).toStrictEqual([1, 1, 1]);

    const receipt = /\/v1\/receipts\/([\w-]+)/.exec(shown)?.[1] ?? '';
    const json = await (await ask(`/v1/receipts/${receipt}`)).json();
    expect(json).toStrictEqual({ receipt, status: 'superseded', edge: 'the-edge', consumer: 'suite' });
    const headers = { accept: 'text/html', 'accept-language': 'es' };
    const page = await (await ask(`/v1/receipts/${receipt}`, { headers })).text();
    expect(page).toMatch(/: reemplazado por un voto más reciente, recibido por the-edge y procesado por suite\./);
    expect(page).toMatch(/href="\/c\/cats-vs-dogs"/);
    // The page names no option of the contest.
    expect(page).not.toMatch(/Cats\b|Dogs/);
    const unknown = await ask(`/v1/receipts/${'A'.repeat(38)}`, { headers });
    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toMatch(/Comprobante desconocido/);
  });

  test('the receipt of a vote that is not counted yet names its edge but no consumer', async () => {
    await using own = await startTestRedis();
    const env = { REDIS_URL: own.server.url, DATA_DIR: own.dir, EDGE_NAME: 'alone' };
    await using alone = await startEdgeProcess('node', env);
    const cast = await fetch(`${alone.httpUrl}/v1/votes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"contest":"cats-vs-dogs","choice":"cats","voter":"a"}',
    });
    const { receipt } = await cast.json();
    const state = await (await fetch(`${alone.httpUrl}/v1/receipts/${receipt}`)).json();
    expect(state).toStrictEqual({ receipt, status: 'queued', edge: 'alone' });
  });

  test('a double click counts once in an open contest, with the attributes of the option', async () => {
    const { ask, vote } = browser();
    const page = await (await ask('/c/bandas')).text();
    const voteId = /name="vote_id" value="([\w-]{16})"/.exec(page)?.[1] ?? '';
    const fields = { contest: 'bandas', choice: 'la-tona', vote_id: voteId };
    expect((await vote(fields)).headers.get('location') ?? '').toMatch(/vote=counted&/);
    expect((await vote(fields)).headers.get('location') ?? '').toMatch(/vote=duplicate&/);
    expect((await results('bandas')).total).toBe(1);
  });

  test('only a signed cookie identifies a voter', async () => {
    const { ask, vote, cookies } = browser();
    const refused = await vote({ contest: 'cats-vs-dogs', choice: 'cats' });
    expect([refused.status, refused.headers.get('x-content-type-options')]).toStrictEqual([401, 'nosniff']);
    expect(refused.headers.get('content-security-policy') ?? '').toMatch(/style-src 'self' 'nonce-[^']+'/);
    await ask('/c/cats-vs-dogs');
    expect((await vote({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'x' })).status).toBe(422);
    const signed = cookies.get('voter') ?? '';
    cookies.set('voter', signed.replace('web-', 'wed-'));
    expect((await vote({ contest: 'cats-vs-dogs', choice: 'cats' })).status).toBe(401);
    cookies.set('voter', signed);
    expect((await vote({ contest: 'cats-vs-dogs', choice: 'cats' }, { origin: 'https://evil.example' })).status).toBe(
      403,
    );
    expect((await vote({ contest: 'cats-vs-dogs', choice: 'birds' })).status).toBe(422);
    expect((await vote({ contest: 'missing', choice: 'cats' })).status).toBe(404);
    expect((await results('cats-vs-dogs')).total).toBe(1);
  });

  test('titles are escaped, hidden results are not shown, and a closed contest has no buttons', async () => {
    {
      await using contests = await openContestStore({ redis, partitions: 4 });
      const title = '<script>alert(1)</script> & "more"';
      assert((await contests.update('bandas', { title, hidden: true })).ok);
      assert((await contests.update('cats-vs-dogs', { closesAt: '2020-01-01T00:00:00.000Z' })).ok);
    }
    const { ask, vote } = browser();
    const deadline = performance.now() + 5000;
    let page = '';
    for (; !page.includes('&lt;script&gt;'); page = await (await ask('/c/bandas')).text()) {
      expect(performance.now()).toBeLessThan(deadline);
    }
    expect(page).not.toMatch(/<script>alert/);
    expect(page).not.toMatch(/class="share"/);
    expect((await ask('/v1/contests/bandas/results')).status).toBe(403);
    await ask('/c/cats-vs-dogs');
    const closed = await (await ask('/c/cats-vs-dogs?vote=counted')).text();
    expect(closed).toMatch(/This vote is closed/);
    expect(closed).not.toMatch(/<button/);
    const list = await (await ask('/')).text();
    expect(list.indexOf('class="contest open" href="/c/bandas"')).toBeLessThan(
      list.indexOf('class="contest closed" href='),
    );
    expect(list).toMatch(/class="contest closed" href="\/c\/cats-vs-dogs"/);
    expect(await (await ask('/c/visits')).text()).toMatch(/Each tap adds one\./);
    // A tap on a page that was open before the close.
    const late = await vote({ contest: 'cats-vs-dogs', choice: 'cats' });
    expect([late.status, late.headers.get('location')]).toStrictEqual([303, '/c/cats-vs-dogs?vote=closed']);
    const explained = await (await ask('/c/cats-vs-dogs?vote=closed')).text();
    for (const text of [
      'Cats or dogs?',
      'Your vote arrived after the close and does not count.',
      'This vote is closed.',
    ])
      expect(explained).toContain(text);
    expect((await ask('/c/missing')).status).toBe(404);
  });

  test('counts visits, but not HEAD requests', async () => {
    const { ask } = browser();
    await ask('/visits', { method: 'HEAD' });
    expect(await (await ask('/visits')).text()).toBe('This page has been visited 1 time\n');
    expect(await (await ask('/visits')).text()).toBe('This page has been visited 2 times\n');
  });

  test('assets, health and metrics', async () => {
    const { ask } = browser();
    const page = await (await ask('/')).text();
    for (const [, path] of page.matchAll(/href="(\/assets\/[^"]+)"/g)) {
      const asset = await ask(path ?? '');
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control') ?? '').toMatch(/immutable/);
      expect(asset.headers.get('content-encoding')).toBe('gzip');
      const plain = await ask(path ?? '', { headers: { 'accept-encoding': 'identity' } });
      expect(plain.headers.get('content-encoding')).toBe(null);
      expect(await plain.text()).toBe(await asset.text());
    }
    expect(await (await ask('/healthz')).json()).toStrictEqual({ status: 'ok' });
    expect((await ask('/readyz')).status).toBe(200);
    const metrics = await (await ask('/metrics')).text();
    expect(metrics).toMatch(/^votewire_votes_accepted_total\{path="http"\} \d+$/m);
    expect(metrics).toMatch(/^votewire_votes_refused_total\{path="http",code="unknown_choice"\} 1$/m);
    expect(metrics).toMatch(/^votewire_ready 1$/m);
    expect(metrics).toMatch(/^# TYPE process_cpu_seconds_total counter$/m);
  });

  test('metrics require METRICS_TOKEN if it is set', async () => {
    const env = { ...deployment, METRICS_TOKEN: 'a token for prometheus' };
    await using guarded = await startEdgeProcess('node', env);
    const get = async (authorization?: string) => {
      const headers: HeadersInit = authorization === undefined ? {} : { authorization };
      return (await fetch(`${guarded.httpUrl}/metrics`, { headers })).status;
    };
    expect([await get(), await get('Bearer wrong'), await get('Bearer a token for prometheus')]).toStrictEqual([
      401, 401, 200,
    ]);
  });

  test("429 is for the caller's own quota, and a forged X-Forwarded-For has no effect", async () => {
    const { ask } = browser();
    const body = '{"contest":"bandas","choice":"la-tona","voter":"x"}';
    const post = (votes: string, headers: Record<string, string>) =>
      ask('/v1/votes', { method: 'POST', body: votes, headers });
    // One batch uses up the quota of the next seconds; with single votes a slow machine could not.
    const batch = await post(`${body}\n`.repeat(10_000), { 'content-type': 'application/x-ndjson' });
    expect(batch.status).toBe(202);
    for (let i = 0; i < 10; i++) {
      const { status, headers } = await post(body, {
        'content-type': 'application/json',
        'x-forwarded-for': `10.0.0.${i}`,
      });
      expect(status).toBe(429);
      expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
  });
});
