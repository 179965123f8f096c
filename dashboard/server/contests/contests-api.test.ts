import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ContestView, ProblemView } from '../../api.ts';
import { ADMIN_TOKEN, type DashboardFixture, startDashboardFixture } from '../testing/dashboard-fixture.ts';

const poll = {
  id: 'poll',
  title: '<b>Tea</b> or\tcoffee?'.replace('\t', ' '),
  rule: 'one-per-voter',
  options: [{ id: 'tea' }, { id: 'coffee', label: 'Coffee', colour: '#402010', attributes: { origin: 'Cobán' } }],
};

describe('contests over HTTP', () => {
  let fixture: DashboardFixture;
  before(async () => {
    fixture = await startDashboardFixture();
  });
  after(() => fixture[Symbol.asyncDispose]());

  const problemOf = async (response: Response) => {
    assert.equal(response.headers.get('content-type'), 'application/problem+json');
    const problem = (await response.json()) as ProblemView;
    assert.equal(problem.status, response.status);
    return problem;
  };
  const list = async () =>
    ((await (await fetch(`${fixture.url}/api/contests`)).json()) as { contests: ContestView[] }).contests;

  test('lists what a deployment has at its first start', async () => {
    const contests = await list();
    assert.deepEqual(
      contests.map(({ id }) => id),
      ['bandas', 'cats-vs-dogs', 'visits'],
    );
    assert.equal(contests[0]?.status, 'open');
    assert.equal(contests[0]?.options[0]?.attributes.album, 'Alto al fuego');
  });

  test('is made, closed, opened, hidden and shown by the operator', async () => {
    const made = await fixture.admin('POST', '/api/contests', poll);
    assert.equal(made.status, 201);
    assert.equal(made.headers.get('location'), '/api/contests/poll');
    assert.equal(((await made.json()) as ContestView).title, '<b>Tea</b> or coffee?');
    const again = await fixture.admin('POST', '/api/contests', poll);
    const conflict = await problemOf(again);
    assert.equal(conflict.code, 'conflict');
    assert.match(conflict.detail, /"poll"/);

    const change = (fields: unknown) => fixture.admin('PATCH', '/api/contests/poll', fields);
    const status = async () => ((await (await fetch(`${fixture.url}/api/contests/poll`)).json()) as ContestView).status;
    // The answer waits for the close to take effect, so that it tells the status that holds from then on.
    const closed = (await (await change({ status: 'closed' })).json()) as ContestView;
    assert.deepEqual([closed.status, await status()], ['closed', 'closed']);
    assert.ok(Date.parse(closed.closesAt ?? '') < Date.now());
    assert.equal((await change({ status: 'open' })).status, 200);
    assert.equal(await status(), 'open');

    assert.equal((await change({ hidden: true })).status, 200);
    assert.equal((await problemOf(await fetch(`${fixture.url}/api/contests/poll/results`))).code, 'results_hidden');
    assert.equal((await change({ hidden: false })).status, 200);
    assert.equal((await fetch(`${fixture.url}/api/contests/poll/results`)).status, 200);

    const opensLater = await change({ opensAt: '2099-01-01T00:00:00Z' });
    assert.equal(((await opensLater.json()) as ContestView).status, 'scheduled');
    const opened = (await (await change({ status: 'open' })).json()) as ContestView;
    assert.deepEqual([opened.status, opened.opensAt, opened.closesAt], ['open', null, null]);
  });

  test('opening again keeps the opening time, so that votes taken in since then are not late', async () => {
    await fixture.admin('PATCH', '/api/contests/visits', { opensAt: '2020-01-01T00:00:00.000Z' });
    await fixture.admin('PATCH', '/api/contests/visits', { closesAt: '2021-01-01T00:00:00.000Z' });
    const opened = await fixture.admin('PATCH', '/api/contests/visits', { status: 'open' });
    const { opensAt, closesAt } = (await opened.json()) as ContestView;
    assert.deepEqual([opensAt, closesAt], ['2020-01-01T00:00:00.000Z', null]);
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
  ];
  for (const [method, path, body, status, code] of refused) {
    test(`${method} ${path} ${JSON.stringify(body)} is refused`, async () => {
      const response = await fixture.admin(method, path, body);
      assert.deepEqual([response.status, (await problemOf(response)).code], [status, code]);
    });
  }

  test('a status that is none is named', async () => {
    const response = await fixture.admin('PATCH', '/api/contests/bandas', { status: 'gone' });
    assert.match((await problemOf(response)).detail, /not "gone"/);
  });

  test('a body has to be JSON, of its type, and not too large', async () => {
    const send = (body: string, type: string) =>
      fetch(`${fixture.url}/api/contests`, {
        method: 'POST',
        body,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': type },
      });
    assert.equal((await problemOf(await send('{"id":', 'application/json'))).code, 'malformed_json');
    assert.equal((await problemOf(await send('', 'application/json'))).code, 'empty_body');
    assert.equal((await problemOf(await send('{}', 'text/plain'))).code, 'unsupported_media_type');
    assert.equal((await problemOf(await send(`"${'x'.repeat(200_000)}"`, 'application/json'))).code, 'too_large');
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
    assert.equal((await problemOf(streamed)).code, 'too_large');
  });

  test('a method that a resource does not take is named as such', async () => {
    const response = await fetch(`${fixture.url}/api/contests`, { method: 'DELETE' });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get('allow'), 'GET, HEAD, POST');
    assert.equal((await problemOf(response)).code, 'method_not_allowed');
    assert.equal((await problemOf(await fetch(`${fixture.url}/nothing`, { method: 'POST' }))).code, 'not_found');
  });

  test('the token can be tried before anything is typed', async () => {
    const right = await fixture.admin('GET', '/api/admin');
    assert.deepEqual([right.status, await right.text()], [204, '']);
    assert.equal((await fetch(`${fixture.url}/api/admin`)).status, 401);
  });

  // The last one: it uses this address's tries up.
  test('without the token nothing changes, and guessing is slowed down', async () => {
    const before = JSON.stringify(await list());
    const ask = (headers: Record<string, string>, query = '') =>
      fetch(`${fixture.url}/api/contests/bandas${query}`, {
        method: 'PATCH',
        body: '{"hidden":true}',
        headers: { 'content-type': 'application/json', ...headers },
      });
    const bare = await ask({});
    assert.equal(bare.status, 401);
    assert.match(bare.headers.get('www-authenticate') ?? '', /^Bearer/);
    assert.equal((await ask({}, `?token=${ADMIN_TOKEN}`)).status, 401);
    assert.equal((await ask({ cookie: '__Host-voter=ana.signature' })).status, 403);
    // No try is lost for a token that is not sent as a bearer: it was not compared.
    for (const authorization of [`Basic ${btoa(`admin:${ADMIN_TOKEN}`)}`, ADMIN_TOKEN, 'Bearer ']) {
      const slip = await ask({ authorization });
      assert.equal(slip.status, 401);
      assert.match((await problemOf(slip)).detail, /"Authorization: Bearer <token>"/);
    }
    for (let i = 0; i < 5; i++) assert.equal((await ask({ authorization: `Bearer wrong-${i}` })).status, 401);
    const sixth = await ask({ authorization: 'Bearer wrong-again' });
    assert.equal(sixth.status, 429);
    assert.ok(Number(sixth.headers.get('retry-after')) >= 1);
    assert.equal((await problemOf(sixth)).code, 'rate_limited');
    // A forged address is no new address.
    assert.equal((await ask({ authorization: 'Bearer x', 'x-forwarded-for': '10.0.0.9' })).status, 429);
    assert.equal(JSON.stringify(await list()), before);
  });
});
