import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { EdgeEnv } from '../edge-env.ts';
import { VoterCookie } from './voter-cookie.ts';

const DAY_MS = 86_400_000;
const SECRET = Buffer.alloc(32, 7);

/** A server with one browser, whose cookies and clock the test can change. */
function browser(config: { publicOrigin?: string; voterSecrets?: readonly string[] } = {}) {
  const clock = { now: Date.UTC(2026, 0, 1) };
  const cookies = new Map<string, string>();
  const settings = { publicOrigin: '', trustProxy: { hops: 0 }, voterSecrets: [], ...config };
  const cookie = new VoterCookie(SECRET, settings, () => clock.now);
  const app = new Hono<EdgeEnv>();
  app.get('/issue', (c) => {
    cookie.issue(c);
    return c.text('');
  });
  app.get('/read', (c) => c.json(cookie.read(c)));
  app.get('/remember/:contest/:choice', (c) => {
    cookie.remember(c, c.req.param('contest'), c.req.param('choice'));
    return c.text('');
  });
  app.get('/choice/:contest', (c) => c.text(cookie.choice(c, c.req.param('contest')) ?? ''));
  const ask = async (path: string) => {
    const header = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await app.request(path, { headers: { cookie: header } });
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
      cookies.set(name, value);
    }
    return response;
  };
  const read = async () => (await ask('/read')).json();
  return { ask, read, cookies, clock };
}

test('an issued cookie identifies its browser for a year, and is renewed after a month', async () => {
  const { ask, read, cookies, clock } = browser();
  expect(await read()).toStrictEqual({ status: 'missing' });
  const set = (await ask('/issue')).headers.get('set-cookie') ?? '';
  expect(set).toMatch(/^voter=web-[\w-]{22}~\w+\.[\w-]{43}; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/);
  const first = await read();
  expect(first).toMatchObject({ status: 'valid', isCurrent: true });
  clock.now += 40 * DAY_MS;
  expect(await read()).toStrictEqual({ ...first, isCurrent: false });
  clock.now += 330 * DAY_MS;
  expect(await read()).toStrictEqual({ status: 'expired' });
  cookies.set('voter', (cookies.get('voter') ?? '').replace('web-', 'wed-'));
  expect(await read()).toStrictEqual({ status: 'invalid' });
});

test('rejects other cookies as the voter, and the choice cookie of another contest', async () => {
  const { ask, read, cookies } = browser();
  await ask('/remember/bandas/la-tona');
  expect(await (await ask('/choice/bandas')).text()).toBe('la-tona');
  cookies.set('voter', cookies.get('choice.bandas') ?? '');
  expect(await read()).toStrictEqual({ status: 'invalid' });
  cookies.set('choice.pets', cookies.get('choice.bandas') ?? '');
  expect(await (await ask('/choice/pets')).text()).toBe('');
  await ask('/issue');
  cookies.set('choice.bandas', cookies.get('voter') ?? '');
  expect(await (await ask('/choice/bandas')).text()).toBe('');
});

test('over TLS the cookie has the __Host- prefix, and one without it is ignored', async () => {
  const { ask, read, cookies } = browser({ publicOrigin: 'https://vote.example' });
  expect((await ask('/issue')).headers.get('set-cookie') ?? '').toMatch(/^__Host-voter=.*; Path=\/; HttpOnly; Secure;/);
  expect(await read()).toMatchObject({ status: 'valid' });
  cookies.set('voter', cookies.get('__Host-voter') ?? '');
  cookies.delete('__Host-voter');
  expect(await read()).toStrictEqual({ status: 'missing' });
});

test('a rotated secret still verifies but is replaced; a removed one is invalid', async () => {
  const before = browser({ voterSecrets: ['the old secret, 1234'] });
  await before.ask('/issue');
  const during = browser({ voterSecrets: ['the new secret, 5678', 'the old secret, 1234'] });
  during.cookies.set('voter', before.cookies.get('voter') ?? '');
  expect(await during.read()).toMatchObject({ status: 'valid', isCurrent: false });
  const after = browser({ voterSecrets: ['the new secret, 5678'] });
  after.cookies.set('voter', before.cookies.get('voter') ?? '');
  expect(await after.read()).toStrictEqual({ status: 'invalid' });
});
