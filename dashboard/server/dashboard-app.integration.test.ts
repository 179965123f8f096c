import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import { parseContest } from '../../store/contests/fields/parse-contest.ts';
import { ensurePartition } from '../../store/deployment/partition.ts';
import type { SystemView } from '../../store/monitoring/system.ts';
import { parseText } from '../../store/redis/replies.ts';
import { deadLetterEntries } from '../../store/streams/dead-letters.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import type { BenchRun, BenchView } from '../api/bench.ts';
import type { DeadLetterDetail, DeadLetterList, ReplayOutcome } from '../api/dead-letters.ts';
import type { ProblemView } from '../api/problem.ts';
import { type DashboardFixture, startDashboardFixture } from './testing/dashboard-fixture.ts';

/** The part of an OpenAPI document that the test reads. */
interface OpenApiDocument {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly operationId?: string; readonly responses?: object }>>>
  >;
  readonly components: { readonly schemas: object };
}

describe('the dashboard', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await startDashboardFixture();
  });
  afterAll(() => fixture[Symbol.asyncDispose]());
  const read = async <T>(path: string) => (await (await fetch(fixture.url + path)).json()) as T;

  test('sends security headers with every answer', async () => {
    for (const path of ['/', '/api/contests', '/nothing']) {
      const { headers } = await fetch(fixture.url + path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).not.toMatch(/unsafe|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('same-origin');
      expect(headers.get('access-control-allow-origin')).toBe(null);
    }
    const preflight = await fetch(`${fixture.url}/api/contests`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(405);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(null);
  });

  test('answers a vote with the address of the edge', async () => {
    for (const path of ['/v1/votes', '/votewire.v1.VoteService/CastVote']) {
      const response = await fetch(fixture.url + path, { method: 'POST' });
      expect(response.status).toBe(404);
      expect(((await response.json()) as ProblemView).detail).toMatch(/cast at the edge: port 8080 of this host$/);
    }
  });

  test('describes every route of its API in OpenAPI', async () => {
    const document = await read<OpenApiDocument>('/openapi.json');
    expect(document.openapi).toBe('3.1.0');
    const names = new Set(Object.keys(document.components.schemas));
    for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      expect(names.has(name ?? ''), `${name} is not described`).toBeTruthy();
    }
    const ids = new Set<string>();
    for (const [path, operations] of Object.entries(document.paths)) {
      const address = path
        .replace('{id}', path.includes('dead') ? '1-1' : 'visits')
        .replace('{partition}', '0')
        .replace('{group}', 'log');
      for (const [method, operation] of Object.entries(operations)) {
        assert(operation.responses !== undefined && operation.operationId !== undefined);
        expect(ids.has(operation.operationId), `${operation.operationId} twice`).toBeFalsy();
        ids.add(operation.operationId);
        if (method === 'get') {
          const { status } = await fetch(fixture.url + address, { method: 'HEAD' });
          expect(status, path).not.toBe(405);
          assert(String(status) in operation.responses, `${path} answers ${status}, which is not described`);
        } else {
          // Without a token, so that nothing changes.
          const { status } = await fetch(fixture.url + address, {
            method: method.toUpperCase(),
            headers: { authorization: '', 'x-forwarded-for': '1' },
          });
          expect(status, path).toBe(401);
        }
      }
    }
    expect([...ids].sort()).toStrictEqual([
      'changeContest',
      'checkAdminToken',
      'countVotes',
      'createContest',
      'deleteContest',
      'discardDeadLetters',
      'exportResults',
      'exportVotes',
      'getContest',
      'getHistories',
      'getHistory',
      'getMetrics',
      'getOptionHistory',
      'getResults',
      'getSettings',
      'getSystem',
      'getSystemHistory',
      'isAlive',
      'isReady',
      'listBenchReports',
      'listChanges',
      'listContests',
      'listDeadLetters',
      'listVotes',
      'openLogSession',
      'replayDeadLetter',
      'replayDeadLetters',
      'resetContest',
      'showDeadLetter',
      'showVote',
      'startBench',
      'watchAllResults',
      'watchResults',
      'watchVotes',
    ]);
  });

  test('reports the state of the system', async () => {
    await ensurePartition(fixture.redis, 0);
    const system = await read<SystemView>('/api/system');
    expect(system.partitions.length).toBe(4);
    expect(system.ledger.gaps).toStrictEqual([]);
    expect(system.consumers).toStrictEqual([]);
  });

  test('lists dead letters for anyone; only operators open and replay them', async () => {
    const stream = streamKey(1);
    await ensurePartition(fixture.redis, 1);
    const id = await fixture.redis.send(stream, ['XADD', stream, '*', 'b', 'not a batch'], parseText);
    for (const group of [TALLY_GROUP, LOG_GROUP]) {
      await fixture.redis.send(stream, ['XREADGROUP', 'GROUP', group, 'one', 'COUNT', '1', 'STREAMS', stream, '>']);
    }
    const failed = { partition: 1, group: TALLY_GROUP, id, reason: 'not a VoteBatch', limit: 1, votes: 0 };
    expect(await deadLetterEntries(fixture.redis, failed)).toBe('dead');

    const list = await read<DeadLetterList>('/api/dead-letters');
    expect(list.total).toBe(1);
    expect(list.items[0]?.reason).toBe('not a VoteBatch');
    expect(JSON.stringify(list).includes('not a batch'), 'the content is for the operator only').toBeFalsy();
    const path = `/api/dead-letters/1/tally/${id}`;
    expect((await fetch(fixture.url + path)).status).toBe(401);
    expect((await fetch(`${fixture.url}${path}/replay`, { method: 'POST' })).status).toBe(401);

    const detail = (await (await fixture.admin('GET', path)).json()) as DeadLetterDetail;
    expect(Buffer.from(detail.hex, 'hex').toString()).toBe('not a batch');
    expect(detail.batch).toBe(null);
    const replay = async (query: string) =>
      (await (await fixture.admin('POST', `${path}/replay${query}`)).json()) as ReplayOutcome;
    expect(await replay('?dryRun=true')).toStrictEqual({ replayed: false, newId: null, readable: false });
    expect((await read<DeadLetterList>('/api/dead-letters')).total).toBe(1);
    expect((await fixture.admin('POST', `${path}/replay?dry=1`)).status).toBe(422);
    const outcome = await replay('');
    expect(outcome.newId ?? '').toMatch(/^\d+-\d+$/);
    expect((await read<DeadLetterList>('/api/dead-letters')).total).toBe(0);
    for (const gone of [
      path,
      '/api/dead-letters/99/tally/1-1',
      '/api/dead-letters/x/tally/1-1',
      '/api/dead-letters/0/__proto__/1-1',
    ]) {
      expect((await fixture.admin('GET', gone)).status, gone).toBe(404);
    }
  });

  test('replays and discards many dead letters and reports each outcome', async () => {
    const stream = streamKey(2);
    await ensurePartition(fixture.redis, 2);
    const letters: { partition: number; group: string; id: string }[] = [];
    for (let n = 0; n < 3; n++) {
      const id = await fixture.redis.send(stream, ['XADD', stream, '*', 'b', 'not a batch'], parseText);
      await fixture.redis.send(stream, ['XREADGROUP', 'GROUP', TALLY_GROUP, 'one', 'STREAMS', stream, '>']);
      const failed = { partition: 2, group: TALLY_GROUP, id, reason: 'not a VoteBatch', limit: 1, votes: 1 };
      expect(await deadLetterEntries(fixture.redis, failed)).toBe('dead');
      letters.push({ partition: 2, group: TALLY_GROUP, id });
    }
    const [first, ...others] = letters;
    const ask = async (action: string, named: unknown) =>
      (await fixture.admin('POST', `/api/dead-letters/${action}`, { letters: named })).json();
    // No consumer is running, so nothing is handled.
    expect(await ask('replay', [first, first])).toStrictEqual({ handled: 0, failed: 0, waiting: 1, gone: 1 });
    expect(await ask('discard', [...others, first])).toStrictEqual({ handled: 2, failed: 0, waiting: 0, gone: 1 });
    expect((await read<DeadLetterList>('/api/dead-letters')).total).toBe(0);
    for (const wrong of [[], [{ partition: 2, group: 'x', id: '1-0' }], 'all'])
      expect((await fixture.admin('POST', '/api/dead-letters/discard', { letters: wrong })).status).toBe(422);
    expect((await fetch(`${fixture.url}/api/dead-letters/discard`, { method: 'POST' })).status).toBe(401);
  });

  test('lists bench reports, and sandboxes their pages', async () => {
    const folder = join(fixture.dir, 'bench', '2026-03-01T120000Z');
    await mkdir(folder, { recursive: true });
    const row = {
      transport: 'grpc',
      codec: 'typescript',
      runtime: 'node',
      mode: 'single',
      connections: 64,
      throughput: 30_000,
      valid: true,
    };
    const report = {
      version: 1,
      valid: true,
      verdict: ['gRPC wins.', { sentence: 'HTTP wins batches.' }, { odd: 1 }],
      rows: [{ ...row, cpuSecondsPerMillion: { median: 24, low: 23, high: 25 }, latencyMs: { p99: 4 } }, null, 'x'],
    };
    await writeFile(join(folder, 'report.json'), JSON.stringify(report));
    await writeFile(join(folder, 'report.html'), '<!doctype html><title>Report</title>');
    await mkdir(join(fixture.dir, 'bench', 'half-written'));
    await writeFile(join(fixture.dir, 'bench', 'half-written', 'report.json'), '{"version":');
    const own = async () => (await read<BenchView>('/api/bench')).reports.filter(({ published }) => !published);
    const reports = await own();
    expect(reports.length).toBe(1);
    expect(reports[0]?.verdict).toStrictEqual(['gRPC wins.', 'HTTP wins batches.']);
    await mkdir(join(fixture.dir, 'bench', '2026-03-02T120000Z'));
    const stopped = { ...report, verdict: [{ kind: 'caution', text: 'Few rounds.' }] };
    await writeFile(join(fixture.dir, 'bench', '2026-03-02T120000Z', 'report.json'), JSON.stringify(stopped));
    const [newest] = (await read<BenchView>('/api/bench')).reports;
    expect(newest?.verdict.join('\n') ?? '').toMatch(/^No verdict: .*\nFew rounds\.$/);
    expect(reports[0]?.rows[0]?.cpuSecondsPerMillion.median).toBe(24);
    const page = await fetch(`${fixture.url}/api/bench/reports/2026-03-01T120000Z/report.html`);
    expect(await page.text()).toBe('<!doctype html><title>Report</title>');
    expect(page.headers.get('content-security-policy') ?? '').toMatch(/sandbox allow-scripts$/);
    for (const id of ['..', '%2e%2e', '..%2f..%2fetc', 'nothing']) {
      expect((await fetch(`${fixture.url}/api/bench/reports/${id}/report.html`)).status, id).toBe(404);
    }
  });

  test('starts a bench for requests from this machine, but not for pages of other sites', async () => {
    const start = (headers: Record<string, string>) => fetch(`${fixture.url}/api/bench`, { method: 'POST', headers });
    expect((await start({ origin: 'https://evil.example' })).status).toBe(401);
    expect((await start({ 'sec-fetch-site': 'cross-site' })).status).toBe(401);
    expect((await start({ 'x-forwarded-for': '203.0.113.9' })).status).toBe(401);
    expect((await start({ authorization: 'Bearer wrong' })).status).toBe(401);
    const started = await start({ origin: fixture.url });
    expect(started.status).toBe(202);
    const again = await start({});
    expect([again.status, ((await again.json()) as ProblemView).code]).toStrictEqual([409, 'conflict']);
    const run = async () => (await read<BenchView>('/api/bench')).run;
    await waitFor(async () => (await run()).state === 'ended', { what: 'the end of the run' });
    const ended = (await run()) as Extract<BenchRun, { state: 'ended' }>;
    expect([ended.exitCode, ended.output]).toStrictEqual([0, ['measured']]);
  });

  test('a host name that resolves to this machine does not make a request local', async () => {
    const socket = connect(fixture.port, '127.0.0.1');
    socket.write('POST /api/bench HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    const [answer] = await once(socket, 'data');
    expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test('the default contests are valid input of the API', async () => {
    const { contests } = await read<{ contests: Record<string, unknown>[] }>('/api/contests');
    for (const { status: _, resultsHidden: __, tag: ___, code: ____, ...contest } of contests) {
      assert(parseContest(contest).ok);
    }
  });
});
