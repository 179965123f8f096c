import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testEntry } from '../../../store/log/testing/test-entries.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { AuditView } from '../../api/audit.ts';
import type { ContestView } from '../../api/contests.ts';
import type { ProblemView } from '../../api/problem.ts';
import { ADMIN_TOKEN, type DashboardFixture, startDashboardFixture } from '../testing/dashboard-fixture.ts';

const poll = {
  id: 'poll',
  title: '<b>Tea</b> or\tcoffee?'.replace('\t', ' '),
  rule: 'one-per-voter',
  options: [{ id: 'tea' }, { id: 'coffee', label: 'Coffee', colour: '#402010', attributes: { origin: 'Cobán' } }],
};

describe('contests over HTTP', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await startDashboardFixture();
  });
  afterAll(() => fixture[Symbol.asyncDispose]());

  const problemOf = async (response: Response) => {
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await response.json()) as ProblemView;
    expect(problem.status).toBe(response.status);
    return problem;
  };
  const list = async () =>
    ((await (await fetch(`${fixture.url}/api/contests`)).json()) as { contests: ContestView[] }).contests;

  test('lists the default contests after the first start', async () => {
    const contests = await list();
    expect(contests.map(({ id }) => id)).toStrictEqual(['bandas', 'cats-vs-dogs', 'visits']);
    expect(contests[0]?.status).toBe('open');
    expect(contests[0]?.options[0]?.attributes.album).toBe('Alto al fuego');
  });

  test('the operator creates, closes, reopens, hides and shows a contest', async () => {
    const made = await fixture.admin('POST', '/api/contests', poll);
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe('/api/contests/poll');
    expect(((await made.json()) as ContestView).title).toBe('<b>Tea</b> or coffee?');
    const again = await fixture.admin('POST', '/api/contests', poll);
    const conflict = await problemOf(again);
    expect(conflict.code).toBe('conflict');
    expect(conflict.detail).toMatch(/"poll"/);

    const change = (fields: unknown) => fixture.admin('PATCH', '/api/contests/poll', fields);
    const status = async () => ((await (await fetch(`${fixture.url}/api/contests/poll`)).json()) as ContestView).status;
    // The answer waits until the close takes effect, so it has the final status.
    const closed = (await (await change({ status: 'closed' })).json()) as ContestView;
    expect([closed.status, await status()]).toStrictEqual(['closed', 'closed']);
    expect(Date.parse(closed.closesAt ?? '')).toBeLessThan(Date.now());
    expect((await change({ status: 'open' })).status).toBe(200);
    expect(await status()).toBe('open');

    expect((await change({ hidden: true })).status).toBe(200);
    expect((await problemOf(await fetch(`${fixture.url}/api/contests/poll/results`))).code).toBe('results_hidden');
    expect((await change({ hidden: false })).status).toBe(200);
    expect((await fetch(`${fixture.url}/api/contests/poll/results`)).status).toBe(200);

    const opensLater = await change({ opensAt: '2099-01-01T00:00:00Z' });
    expect(((await opensLater.json()) as ContestView).status).toBe('scheduled');
    const opened = (await (await change({ status: 'open' })).json()) as ContestView;
    expect([opened.status, opened.opensAt, opened.closesAt]).toStrictEqual(['open', null, null]);
  });

  test('reopening keeps the opening time, so that votes accepted since then are not late', async () => {
    const change = (fields: unknown) => fixture.admin('PATCH', '/api/contests/visits', fields);
    await change({ opensAt: '2020-01-01T00:00:00.000Z' });
    await change({ status: 'closed' });
    const { opensAt, closesAt } = (await (await change({ status: 'open' })).json()) as ContestView;
    expect([opensAt, closesAt]).toStrictEqual(['2020-01-01T00:00:00.000Z', null]);
  });

  test('opening ends a pause and keeps the closing time', async () => {
    const change = (fields: unknown) => fixture.admin('PATCH', '/api/contests/visits', fields);
    await change({ closesAt: '2099-01-01T00:00:00.000Z' });
    const paused = (await (await change({ status: 'paused' })).json()) as ContestView;
    expect([paused.status, paused.pauses?.at(-1)?.to]).toStrictEqual(['paused', null]);
    const opened = (await (await change({ status: 'open' })).json()) as ContestView;
    expect([opened.status, opened.closesAt]).toStrictEqual(['open', '2099-01-01T00:00:00.000Z']);
  });

  test('an edit of an older version is rejected with the current one', async () => {
    await fixture.admin('POST', '/api/contests', { ...poll, id: 'edited' });
    const read = await fetch(`${fixture.url}/api/contests/edited`);
    const etag = read.headers.get('etag') ?? '';
    expect(etag).toBe(`"${((await read.json()) as ContestView).tag}"`);
    const change = (fields: unknown, ifMatch: string) =>
      fixture.admin('PATCH', '/api/contests/edited', fields, { 'if-match': ifMatch });
    const first = await change({ title: 'Mine' }, etag);
    expect(first.status).toBe(200);
    const second = await change({ title: 'Yours' }, etag);
    const problem = await problemOf(second);
    expect([second.status, problem.code]).toStrictEqual([412, 'precondition_failed']);
    expect(problem.current).toMatchObject({ title: 'Mine' });
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect((await change({ status: 'closed' }, etag)).status).toBe(412);
    expect((await change({ title: 'Yours' }, `W/${second.headers.get('etag')}`)).status).toBe(412);
    expect((await change({ title: 'Yours' }, second.headers.get('etag') ?? '')).status).toBe(200);
    expect((await change({ title: 'Any' }, '*')).status).toBe(200);
  });

  test('a reset and a deletion require the id as confirmation, and an open contest cannot be deleted', async () => {
    await fixture.admin('POST', '/api/contests', { ...poll, id: 'short-lived' });
    await fixture.count('short-lived', 'tea', 3);
    const reset = (confirm: unknown) => fixture.admin('POST', '/api/contests/short-lived/reset', { confirm });
    expect((await problemOf(await reset('another'))).errors?.[0]?.field).toBe('confirm');
    expect(((await (await reset('short-lived')).json()) as ContestView).status).toBe('open');
    const results = await (await fetch(`${fixture.url}/api/contests/short-lived/results`)).json();
    expect(results).toMatchObject({ total: 0, voters: 0 });

    const remove = (confirm: string) => fixture.admin('DELETE', `/api/contests/short-lived?confirm=${confirm}`);
    expect((await problemOf(await remove('short-lived'))).detail).toMatch(/close or pause it/);
    await fixture.admin('PATCH', '/api/contests/short-lived', { status: 'closed' });
    expect((await problemOf(await remove('short'))).code).toBe('invalid_argument');
    expect(await (await remove('short-lived')).json()).toStrictEqual({ deleted: 'short-lived', log: 'kept' });
    expect((await remove('short-lived')).status).toBe(404);
    expect((await fixture.admin('POST', '/api/contests', { ...poll, id: 'short-lived' })).status).toBe(201);
  });

  test('a contest can be deleted with its log, and a successor keeps its own', async () => {
    const id = 'forgotten';
    const votesOf = async () => (await fixture.log.page({ contest: id, limit: 100 })).items.length;
    await fixture.admin('POST', '/api/contests', { ...poll, id });
    await fixture.log.append([
      testEntry(1, { entryId: `${Date.now()}-0`, votes: [{ contest: id, choice: 'tea' }, { choice: 'cats' }] }),
    ]);
    await fixture.admin('PATCH', `/api/contests/${id}`, { status: 'closed' });
    const remove = (query: string) => fixture.admin('DELETE', `/api/contests/${id}?confirm=${id}${query}`);
    expect((await problemOf(await remove('&log=burn'))).errors?.[0]?.field).toBe('log');
    expect(await votesOf()).toBe(1);
    expect(await (await remove('&log=delete')).json()).toStrictEqual({ deleted: id, log: 'deleted' });
    await waitFor(async () => (await votesOf()) === 0, { what: 'the log without the contest' });
    expect((await fixture.log.page({ contest: 'cats-vs-dogs', limit: 100 })).items.length).toBeGreaterThan(0);
    const { items } = (await (await fixture.admin('GET', `/api/audit?subject=${id}`)).json()) as AuditView;
    expect(items[0]?.changes).toContainEqual({ field: 'log', from: 'kept', to: 'deleted' });
    await fixture.admin('POST', '/api/contests', { ...poll, id });
    await fixture.log.append([
      testEntry(2, { entryId: `${Date.now() + 10_000}-0`, votes: [{ contest: id, choice: 'tea' }] }),
    ]);
    expect(await fixture.log.removeContest(id, new Date())).toBe(0);
    expect(await votesOf()).toBe(1);
  });

  test('the audit list has every change with who, when and what', async () => {
    await fixture.admin('POST', '/api/contests', { ...poll, id: 'audited' });
    await fixture.admin('PATCH', '/api/contests/audited', { title: 'Tea?' });
    await fixture.admin('PATCH', '/api/contests/audited', { title: 'Tea?' });
    await fixture.admin('PATCH', '/api/contests/audited', { title: '' });
    await fixture.admin('PATCH', '/api/contests/audited', { status: 'closed' });
    await fixture.admin('DELETE', '/api/contests/audited?confirm=audited');
    const { items } = (await (await fixture.admin('GET', '/api/audit?subject=audited')).json()) as AuditView;
    const actions = ['contest.delete', 'contest.close', 'contest.edit', 'contest.create'];
    expect(items.map(({ action }) => action)).toStrictEqual(actions);
    expect(items.every(({ who, at }) => who === 'admin' && Math.abs(Date.parse(at) - Date.now()) < 60_000)).toBe(true);
    expect(items[2]?.changes).toStrictEqual([{ field: 'title', from: '<b>Tea</b> or coffee?', to: 'Tea?' }]);
    expect((await fetch(`${fixture.url}/api/audit`)).status).toBe(401);
    expect((await fixture.admin('GET', '/api/audit?limit=0')).status).toBe(422);
  });

  const refused: [string, string, unknown, number, string][] = [
    ['PATCH', '/api/contests/nowhere', { hidden: true }, 404, 'unknown_contest'],
    ['PATCH', '/api/contests/bandas', {}, 422, 'invalid_argument'],
    ['PATCH', '/api/contests/bandas', [], 422, 'invalid_argument'],
    ['PATCH', '/api/contests/bandas', null, 422, 'invalid_argument'],
    ['PATCH', '/api/contests/bandas', { status: 'gone' }, 422, 'invalid_argument'],
    ['PATCH', '/api/contests/bandas', { status: 'closed', title: 'x' }, 422, 'invalid_argument'],
    ['PATCH', '/api/contests/bandas', { id: 'other' }, 422, 'invalid_argument'],
    ['PATCH', '/api/contests/bandas', { rule: 'one-per-voter' }, 422, 'invalid_argument'],
    ['PATCH', '/api/contests/bandas', { options: [{ id: 'x' }] }, 422, 'invalid_argument'],
    ['PATCH', '/api/contests/bandas', { isAdmin: true }, 422, 'invalid_argument'],
    ['POST', '/api/contests', { ...poll, id: '__proto__' }, 422, 'invalid_argument'],
    ['POST', '/api/contests', { ...poll, id: 'x', options: [] }, 422, 'invalid_argument'],
    ['POST', '/api/contests', 'text', 422, 'invalid_argument'],
    ['PATCH', '/api/contests/bandas', { closesAt: '2020-01-01T00:00:00Z' }, 422, 'invalid_argument'],
    ['POST', '/api/contests', { ...poll, id: 'x', closesAt: '2020-01-01T00:00:00Z' }, 422, 'invalid_argument'],
    [
      'POST',
      '/api/contests',
      {
        ...poll,
        id: 'x',
        options: [
          { id: 'a', label: 'Tea' },
          { id: 'b', label: ' tea' },
        ],
      },
      422,
      'invalid_argument',
    ],
    ['POST', '/api/contests', { ...poll, id: 'x', options: [{ id: 'a' }, { id: 'a' }] }, 422, 'invalid_argument'],
  ];
  for (const [method, path, body, status, code] of refused) {
    test(`${method} ${path} ${JSON.stringify(body)} is rejected`, async () => {
      const response = await fixture.admin(method, path, body);
      expect([response.status, (await problemOf(response)).code]).toStrictEqual([status, code]);
    });
  }

  test('a rejection quotes the status', async () => {
    const response = await fixture.admin('PATCH', '/api/contests/bandas', { status: 'gone' });
    expect((await problemOf(response)).detail).toMatch(/must be "open", "paused" or "closed"; got "gone"$/);
  });

  test('a body must be JSON of limited length with its content type', async () => {
    const send = (body: string, type: string) =>
      fetch(`${fixture.url}/api/contests`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type },
      });
    expect((await problemOf(await send('{"id":', 'application/json'))).code).toBe('malformed_json');
    expect((await problemOf(await send('', 'application/json'))).code).toBe('empty_body');
    expect((await problemOf(await send('{}', 'text/plain'))).code).toBe('unsupported_media_type');
    expect((await problemOf(await send(`"${'x'.repeat(200_000)}"`, 'application/json'))).code).toBe('too_large');
    const chunked = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 20; i++) controller.enqueue(new Uint8Array(10_000));
        controller.close();
      },
    });
    const streamed = await fetch(`${fixture.url}/api/contests`, {
      method: 'POST',
      body: chunked,
      duplex: 'half',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
    } as RequestInit);
    expect((await problemOf(streamed)).code).toBe('too_large');
  });

  test('an unsupported method is answered with 405 and the supported ones', async () => {
    const response = await fetch(`${fixture.url}/api/contests`, { method: 'DELETE' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
    expect((await problemOf(response)).code).toBe('method_not_allowed');
    expect((await problemOf(await fetch(`${fixture.url}/nothing`, { method: 'POST' }))).code).toBe('not_found');
  });

  test('a token can be checked before a form is filled in', async () => {
    const right = await fixture.admin('GET', '/api/admin');
    expect([right.status, await right.text()]).toStrictEqual([204, '']);
    expect((await fetch(`${fixture.url}/api/admin`)).status).toBe(401);
  });

  test('changes require the token, and guesses are limited', async () => {
    const before = JSON.stringify(await list());
    const ask = (headers: Record<string, string>, query = '') =>
      fetch(`${fixture.url}/api/contests/bandas${query}`, {
        method: 'PATCH',
        body: '{"hidden":true}',
        headers: { 'content-type': 'application/json', ...headers },
      });
    const bare = await ask({});
    expect(bare.status).toBe(401);
    expect(bare.headers.get('www-authenticate') ?? '').toMatch(/^Bearer/);
    expect((await ask({}, `?token=${ADMIN_TOKEN}`)).status).toBe(401);
    expect((await ask({ cookie: '__Host-voter=ana.signature' })).status).toBe(403);
    // A token that is not sent as a bearer token is not compared, so it does not count as an attempt.
    for (const authorization of [`Basic ${btoa(`admin:${ADMIN_TOKEN}`)}`, ADMIN_TOKEN, 'Bearer ']) {
      const slip = await ask({ authorization });
      expect(slip.status).toBe(401);
      expect((await problemOf(slip)).detail).toMatch(/"Authorization: Bearer <token>"/);
    }
    for (let i = 0; i < 5; i++) expect((await ask({ authorization: `Bearer wrong-${i}` })).status).toBe(401);
    const sixth = await ask({ authorization: 'Bearer wrong-again' });
    expect(sixth.status).toBe(429);
    expect(Number(sixth.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect((await problemOf(sixth)).code).toBe('rate_limited');
    // A forged address is ignored.
    expect((await ask({ authorization: 'Bearer wrong-6', 'x-forwarded-for': '10.0.0.9' })).status).toBe(429);
    expect(JSON.stringify(await list())).toBe(before);
    // A valid token always passes.
    expect((await fixture.admin('GET', '/api/admin')).status).toBe(204);
  });
});
