import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testEntry } from '../../../store/log/testing/test-entries.ts';
import type { LogPageView } from '../../api/log.ts';
import type { ProblemView } from '../../api/problem.ts';
import { ADMIN_TOKEN, type DashboardFixture, startDashboardFixture } from '../testing/dashboard-fixture.ts';
import { createVoterKey } from './voter-key.ts';

const READ_TOKEN = 'a-token-for-readers';
/** Marks a request as coming from another machine. */
const REMOTE = { 'x-forwarded-for': '203.0.113.9' };
const PATHS = ['/api/logs', '/api/logs/export?format=csv', '/api/logs/export?format=ndjson', '/api/logs/events'];

describe('who may read the log', () => {
  for (const [name, env] of Object.entries({ open: {}, closed: { READ_TOKEN }, bare: { ADMIN_TOKEN: '' } })) {
    describe(name, () => {
      let fixture: DashboardFixture;
      let anaAsShown: string;
      beforeAll(async () => {
        fixture = await startDashboardFixture(env as Record<string, string>);
        const voter = createVoterKey(fixture.secret)('ana');
        anaAsShown = Buffer.from(voter).toString('base64url');
        await fixture.log.append([testEntry(1, { votes: [{ voter }] }), testEntry(2)]);
      });
      afterAll(() => fixture?.[Symbol.asyncDispose]());

      const ask = async (path: string, headers: Record<string, string> = {}) => {
        const response = await fetch(fixture.url + path, { headers });
        // An accepted event stream has no end.
        if (response.ok) await response.body?.cancel();
        return response;
      };
      const statuses = (headers?: Record<string, string>) =>
        Promise.all(PATHS.map(async (path) => (await ask(path, headers)).status));
      const all = (status: number) => PATHS.map(() => status);
      const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

      test('without a token', async () => {
        expect(await statuses(), 'this machine').toStrictEqual(all(name === 'closed' ? 401 : 200));
        expect(await statuses(REMOTE), 'another machine').toStrictEqual(all(name === 'bare' ? 403 : 401));
        expect(await statuses({ origin: 'http://evil.example' }), 'a page of another site').not.toContain(200);
        expect(await statuses({ cookie: 'votewire-log=1.x' })).toStrictEqual(all(name === 'closed' ? 401 : 200));
      });

      test('a request through a proxy with default settings does not count as local', async () => {
        const status = await new Promise<number | undefined>((resolve, reject) => {
          const sent = httpRequest(`${fixture.url}/api/logs`, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          });
          sent.on('error', reject);
          sent.on('socket', (socket) => {
            const { write } = socket;
            socket.write = ((data: string, ...rest: never[]) =>
              write.call(socket, data.replace('HTTP/1.1', 'HTTP/1.0'), ...rest)) as typeof socket.write;
          });
          sent.end();
        });
        expect(status).toBe(name === 'bare' ? 403 : 401);
      });

      test('with a token', async () => {
        expect(await statuses({ ...REMOTE, ...bearer(ADMIN_TOKEN) })).toStrictEqual(all(name === 'bare' ? 403 : 200));
        expect(await statuses({ ...REMOTE, ...bearer(READ_TOKEN) })).toStrictEqual(
          all({ open: 401, closed: 200, bare: 403 }[name] ?? 0),
        );
        // If a token was sent, it must be valid, even on this machine.
        expect(await statuses(bearer('wrong'))).toStrictEqual(all(name === 'bare' ? 403 : 401));
      });

      test('a search by voter id always needs one; a search by voter key does not', async () => {
        const byId = await ask('/api/logs?voter=ana');
        expect(byId.status).toBe(401);
        if (name !== 'bare') {
          const found = await fetch(`${fixture.url}/api/logs?voter=ana`, { headers: bearer(ADMIN_TOKEN) });
          expect(((await found.json()) as LogPageView).items.length).toBe(1);
        }
        for (const path of ['/api/logs/events?voter=ana', '/api/logs/export?format=csv&voter=ana']) {
          expect((await ask(path)).status, path).toBe(401);
        }
        if (name === 'closed') return;
        const response = await fetch(`${fixture.url}/api/logs?voter=${anaAsShown}`);
        expect(((await response.json()) as LogPageView).items.length).toBe(1);
        // Text of that form is never hashed for callers without a token, who could otherwise try ids.
        const guess = await fetch(`${fixture.url}/api/logs?voter=${'A'.repeat(22)}`);
        expect(((await guess.json()) as LogPageView).items).toStrictEqual([]);
      });

      test('a log session allows reading only', async () => {
        const open = (headers: Record<string, string>) =>
          fetch(`${fixture.url}/api/logs/session`, { method: 'POST', headers });
        const token = name === 'closed' ? READ_TOKEN : ADMIN_TOKEN;
        const opened = await open(bearer(token));
        expect(opened.status).toBe(name === 'bare' ? 403 : 204);
        expect((await open({})).status).toBe(name === 'bare' ? 403 : 401);
        if (name === 'bare') return;
        const setCookie = opened.headers.get('set-cookie') ?? '';
        expect(setCookie).toMatch(/^votewire-log=[^;]+; Path=\/api\/logs; HttpOnly; SameSite=Strict$/);
        const cookie = setCookie.split(';')[0] ?? '';
        expect(await statuses({ ...REMOTE, cookie })).toStrictEqual(all(200));
        expect((await ask('/api/logs?voter=ana', { ...REMOTE, cookie })).status).toBe(200);
        expect((await ask('/api/admin', { cookie })).status).toBe(403);
        const damaged = await ask('/api/logs', { ...REMOTE, cookie: `${cookie}x` });
        expect(damaged.status).toBe(401);
        expect(((await damaged.json()) as ProblemView).detail).toMatch(/access to the log has expired/);
        expect((await ask('/api/logs', { ...REMOTE, ...bearer(cookie.replace('votewire-log=', '')) })).status).toBe(
          401,
        );
      });

      test('READ_TOKEN does not authorize changes', async () => {
        if (name !== 'closed') return;
        const answer = await ask('/api/admin', bearer(READ_TOKEN));
        expect(answer.status).toBe(403);
        expect(((await answer.json()) as ProblemView).detail).toMatch(/READ_TOKEN allows reading only/);
      });
    });
  }
});
