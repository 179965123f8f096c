import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEST_TIME, testEntry } from '../../../store/log/testing/test-entries.ts';
import { startMongoServer } from '../../../supervisor/build/mongo-server.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { LogEvents, LogItem, LogPageView } from '../../api/log.ts';
import type { ProblemView } from '../../api/problem.ts';
import { ADMIN_TOKEN, type DashboardFixture, readEvents, startDashboardFixture } from '../testing/dashboard-fixture.ts';
import { createVoterKey } from './voter-key.ts';

/** Required for searches by voter id. */
const WITH_TOKEN = { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } };

for (const kind of ['sqlite', 'mongodb'] as const) {
  describe(`the log over HTTP on ${kind}`, async () => {
    const stack = new AsyncDisposableStack();
    const mongo = kind === 'mongodb' ? await startMongoServer() : undefined;
    if (mongo !== undefined && mongo.server === undefined) {
      test('needs a MongoDB', ({ skip }) => skip(mongo.reason));
      return;
    }
    const server = mongo?.server;
    if (server !== undefined) stack.use(server);
    let fixture: DashboardFixture;
    beforeAll(async () => {
      const database = `dashboard_${process.pid}`;
      fixture = stack.use(await startDashboardFixture(server ? { MONGODB_URL: `${server.url}/${database}` } : {}));
      const voter = createVoterKey(fixture.secret);
      const entries = Array.from({ length: 60 }, (_, n) =>
        testEntry(n, {
          path: n % 3 === 0 ? 'http' : n % 3 === 1 ? 'grpc' : 'connect',
          votes: [
            n % 2 === 0
              ? { voter: voter('ana'), choice: n % 4 === 0 ? 'cats' : 'dogs' }
              : {
                  contest: 'bandas',
                  choice: 'la-tona',
                  voter: voter(`v${n}`),
                  attributes: { album: 'Tona', year: '1996' },
                },
          ],
        }),
      );
      await fixture.log.append(entries);
    });
    afterAll(() => stack.disposeAsync());

    const read = async (query: string) => {
      const response = await fetch(`${fixture.url}/api/logs${query}`, WITH_TOKEN);
      expect(response.status, query).toBe(200);
      return (await response.json()) as LogPageView;
    };

    test('returns the last 20 votes, newest first', async () => {
      const { items, next } = await read('');
      expect(items.length).toBe(20);
      expect(items[0]).toStrictEqual({
        id: `p0:e1:${TEST_TIME + 59}-0:0`,
        contest: 'bandas',
        choice: 'la-tona',
        voter: Buffer.from(createVoterKey(fixture.secret)('v59')).toString('base64url'),
        attributes: { album: 'Tona', year: '1996' },
        path: 'connect',
        edge: 'edge-1',
        receivedAt: new Date(TEST_TIME + 59).toISOString(),
      } satisfies LogItem);
      expect(typeof next).toBe('string');
    });

    test('paging by cursor returns every vote once', async () => {
      const seen: string[] = [];
      let query = '?limit=7';
      for (let page = 0; page < 20; page++) {
        const { items, next } = await read(query);
        seen.push(...items.map(({ id }) => id));
        if (next === null) break;
        query = `?limit=7&cursor=${next}`;
      }
      expect(seen.length).toBe(60);
      expect(new Set(seen).size).toBe(60);
    });

    const at = (n: number) => new Date(TEST_TIME + n).toISOString();
    const filters: [string, number][] = [
      ['contest=bandas&limit=5', 5],
      ['contest=bandas&limit=100', 30],
      ['choice=cats&limit=100', 15],
      ['contest=bandas&choice=alux-nahual&limit=100', 0],
      ['path=grpc&limit=100', 20],
      ['voter=ana&limit=100', 30],
      ['voter=nobody&limit=100', 0],
      [`since=${at(50)}&limit=100`, 10],
      [`until=${at(10)}&limit=100`, 10],
      [`since=${at(10)}&until=${at(20)}&path=http&voter=ana&limit=100`, 2],
    ];
    for (const [query, count] of filters) {
      test(`filters: ${query}`, async () => {
        expect((await read(`?${query}`)).items.length).toBe(count);
      });
    }

    test('filters by voter id and by the key that the log shows', async () => {
      const shown = (await read('?voter=ana')).items[0]?.voter ?? '';
      expect(shown).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect((await read(`?voter=${shown}&limit=100`)).items.length).toBe(30);
      // An id that looks like a key is found as an id.
      await fixture.log.append([
        testEntry(200, { partition: 1, at: -5, votes: [{ voter: createVoterKey(fixture.secret)('A'.repeat(22)) }] }),
      ]);
      expect((await read(`?voter=${'A'.repeat(22)}`)).items.length).toBe(1);
    });

    test('exports matching votes, oldest first', async () => {
      const ndjson = await (await fetch(`${fixture.url}/api/logs/export?format=ndjson&contest=bandas`)).text();
      const lines = ndjson
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as LogItem);
      expect(lines.length).toBe(30);
      expect(Date.parse(lines[0]?.receivedAt ?? '')).toBeLessThan(Date.parse(lines[29]?.receivedAt ?? ''));
      const response = await fetch(`${fixture.url}/api/logs/export?format=csv&voter=ana`, WITH_TOKEN);
      expect(response.headers.get('content-disposition') ?? '').toMatch(/^attachment; filename="votes-.*\.csv"$/);
      const csv = await response.text();
      expect(csv.split('\r\n')[0]).toBe('id,contest,choice,voter,attributes,path,edge,receivedAt');
      expect(csv.trimEnd().split('\r\n').length).toBe(31);
    });

    test('a tail sends new votes to viewers with a matching filter', async () => {
      using all = await readEvents(`${fixture.url}/api/logs/events`);
      using bands = await readEvents(`${fixture.url}/api/logs/events?contest=bandas`);
      await waitFor(() => all.events('beat').length > 0 && bands.events('beat').length > 0, { what: 'both streams' });
      await fixture.log.append([testEntry(300, { at: 100 })]);
      const items = (reader: typeof all) => reader.events<LogEvents['votes']>('votes').flatMap((event) => event.items);
      await waitFor(() => items(all).length === 1, { what: 'the new vote' });
      expect(items(all)[0]?.id).toBe(`p0:e1:${TEST_TIME + 300}-0:0`);
      expect(items(bands).length).toBe(0);
      await fixture.log.append([testEntry(301, { at: 101, votes: [{ contest: 'bandas', choice: 'la-tona' }] })]);
      await waitFor(() => items(bands).length === 1 && items(all).length === 2, { what: 'the second vote' });

      using back = await readEvents(`${fixture.url}/api/logs/events`, {
        'last-event-id': `p0:e1:${TEST_TIME + 300}-0:0`,
      });
      await waitFor(() => items(back).length === 1, { what: 'the missed vote' });
      using lost = await readEvents(`${fixture.url}/api/logs/events`, { 'last-event-id': 'p9:zzz:1-1:0' });
      await waitFor(() => lost.events('gap').length === 1, { what: 'the gap' });
    });

    const hostile = [
      'foo=1',
      'limit=0',
      'limit=1001',
      'limit=-1',
      'limit=1e2',
      'limit=5&limit=6',
      'limit=',
      'contest=',
      'contest=UPPER',
      'contest=a%00b',
      'contest[$ne]=x',
      'voter[$ne]=',
      'voter=%7B%22$ne%22:null%7D&$where=1',
      'voter=%ff',
      'voter=a%E2%80%8Bb',
      `voter=${'x'.repeat(129)}`,
      'choice=..%2f..',
      'path=HTTP',
      'path=__proto__',
      'since=yesterday',
      'since=2026-01-01',
      'since=2026-13-01T00:00:00Z',
      'since=1700000000',
      'since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z',
      'cursor=%27%3BDROP',
      'cursor=bm90LWEtY3Vyc29y',
      'constructor=1',
      '__proto__=1',
      'token=secret',
    ];
    for (const query of hostile) {
      test(`rejects ?${query.slice(0, 60)}`, async () => {
        const response = await fetch(`${fixture.url}/api/logs?${query}`);
        expect(response.status).toBe(422);
        expect(response.headers.get('content-type')).toBe('application/problem+json');
        const problem = (await response.json()) as ProblemView;
        expect(problem.code).toBe('invalid_argument');
        expect(problem.errors?.length ?? 0).toBeGreaterThan(0);
      });
    }

    test('a rejection quotes the value', async () => {
      for (const [query, value] of [
        ['limit=0', '"0"'],
        ['path=HTTP', '"HTTP"'],
        ['since=yesterday', '"yesterday"'],
        [`contest=${'A'.repeat(300)}`, `"${'A'.repeat(64)}…"`],
      ] as const) {
        const response = await fetch(`${fixture.url}/api/logs?${query}`);
        const { detail } = (await response.json()) as ProblemView;
        expect(detail.endsWith(`; got ${value}`), detail).toBeTruthy();
      }
      const response = await fetch(`${fixture.url}/api/logs/export?format=xml`);
      expect(((await response.json()) as ProblemView).detail).toBe(
        'The query has an error: format must be ndjson or csv; got "xml"',
      );
    });

    test('an unknown contest or choice is rejected unless the log has votes for it', async () => {
      for (const path of ['/api/logs?', '/api/logs/export?format=csv&', '/api/logs/events?', '/api/logs/counts?']) {
        const response = await fetch(`${fixture.url}${path}contest=nope`);
        const { code, detail } = (await response.json()) as ProblemView;
        const message = 'The query has an error: contest is unknown, and the log has no vote for it; got "nope"';
        expect([response.status, code, detail]).toStrictEqual([422, 'invalid_argument', message]);
      }
      for (const [query, place] of [
        ['contest=bandas&choice=cats', 'of bandas'],
        ['choice=nothing', 'of any contest'],
      ]) {
        const response = await fetch(`${fixture.url}/api/logs?${query}`);
        const { code, detail } = (await response.json()) as ProblemView;
        expect([response.status, code]).toStrictEqual([422, 'invalid_argument']);
        expect(detail).toContain(`choice is not an option ${place}, and the log has no vote for it`);
      }
      await fixture.log.append([testEntry(400, { partition: 2, at: -9, votes: [{ contest: 'gone' }] })]);
      expect((await read('?contest=gone')).items.length).toBe(1);
      // The log has a vote for the choice, but the other filter excludes it.
      expect((await read('?contest=gone&choice=cats&path=connect')).items.length).toBe(0);
      expect((await read('?contest=visits')).items.length).toBe(0);
    });

    test('exports and tails reject paging parameters', async () => {
      for (const path of [
        'export',
        'export?format=xml',
        'export?format=csv&limit=5',
        'export?format=csv&format=csv',
        'events?limit=5',
        'events?cursor=x',
      ]) {
        expect((await fetch(`${fixture.url}/api/logs/${path}`)).status, path).toBe(422);
      }
    });

    // Runs after the other tests that need the store, because it hides a contest for good.
    test('shows no choice while results are hidden', async () => {
      await fixture.admin('PATCH', '/api/contests/bandas', { hidden: true });
      const page = await read('?contest=bandas&limit=3');
      expect(page.items.length).toBe(3);
      for (const item of page.items) expect([item.choice, item.attributes]).toStrictEqual([null, {}]);
      for (const query of ['contest=bandas&choice=la-tona', 'choice=la-tona']) {
        for (const path of ['/api/logs?', '/api/logs/export?format=csv&', '/api/logs/events?']) {
          const response = await fetch(fixture.url + path + query);
          expect([response.status, ((await response.json()) as ProblemView).code]).toStrictEqual([
            403,
            'results_hidden',
          ]);
        }
      }
      expect((await read('?choice=cats')).items.length > 0).toBe(true);
      for (const format of ['csv', 'ndjson']) {
        const text = await (await fetch(`${fixture.url}/api/logs/export?format=${format}`)).text();
        expect(text).toMatch(/bandas/);
        expect(text).not.toMatch(/la-tona|Tona/);
      }
    });

    // Runs last, because it stops the store.
    if (server?.process !== undefined) {
      test('without MongoDB the log answers 503 in time, and results stay available', async () => {
        using tail = await readEvents(`${fixture.url}/api/logs/events`);
        await waitFor(() => tail.events('beat').length > 0, { what: 'a beat' });
        await fixture.log.append(
          Array.from({ length: 4000 }, (_, n) =>
            testEntry(n, { partition: 3, votes: Array.from({ length: 25 }, () => ({ choice: 'cats' })) }),
          ),
        );
        // Larger than the socket buffers, so that it cannot be complete when the store stops.
        const download = await openDownload(`${fixture.url}/api/logs/export?format=csv`);
        expect(download.statusCode).toBe(200);
        server.process?.kill('SIGKILL');
        await expect(readToEnd(download)).rejects.toThrow(/aborted|ECONNRESET/);
        const startedAt = performance.now();
        const response = await fetch(`${fixture.url}/api/logs`);
        expect(performance.now() - startedAt).toBeLessThan(3000);
        expect([response.status, response.headers.has('retry-after')]).toStrictEqual([503, true]);
        expect(((await response.json()) as ProblemView).code).toBe('store_unavailable');
        for (const format of ['csv', 'ndjson']) {
          const download = await fetch(`${fixture.url}/api/logs/export?format=${format}`);
          expect([download.status, download.headers.get('content-disposition')]).toStrictEqual([503, null]);
        }
        expect((await fetch(`${fixture.url}/api/contests/cats-vs-dogs/results`)).status).toBe(200);
        expect((await fetch(`${fixture.url}/readyz`)).status).toBe(200);
        await waitFor(() => tail.events('stale').length > 0, {
          what: 'the stale event',
          timeoutMs: 15_000,
        });
      });
    }
  });
}

/** Opens a response without reading it. */
async function openDownload(address: string): Promise<IncomingMessage> {
  const [response] = (await once(get(address, { agent: false }), 'response')) as [IncomingMessage];
  return response;
}

async function readToEnd(response: IncomingMessage): Promise<number> {
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  return bytes;
}
