import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseContest } from '../../store/contests/contest-input.ts';
import type { SystemView } from '../../store/monitoring/system.ts';
import { ensurePartition } from '../../store/streams/cluster-settings.ts';
import { deadLetterEntries } from '../../store/streams/dead-letters.ts';
import { LOG_GROUP, streamKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import type { BenchRun, BenchView, DeadLetterDetail, DeadLetterList, ProblemView, ReplayOutcome } from '../api.ts';
import type { openApiDocument } from './openapi/openapi.ts';
import { type DashboardFixture, startDashboardFixture, until } from './testing/dashboard-fixture.ts';

describe('the dashboard', () => {
  let fixture: DashboardFixture;
  before(async () => {
    fixture = await startDashboardFixture();
  });
  after(() => fixture[Symbol.asyncDispose]());
  const read = async <T>(path: string) => (await (await fetch(fixture.url + path)).json()) as T;

  test('sends headers that keep a page from doing what it should not', async () => {
    for (const path of ['/', '/api/contests', '/nothing']) {
      const { headers } = await fetch(fixture.url + path);
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/);
      assert.doesNotMatch(policy, /unsafe|\*/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('x-frame-options'), 'DENY');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
      assert.equal(headers.get('access-control-allow-origin'), null);
    }
    const preflight = await fetch(`${fixture.url}/api/contests`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(preflight.status, 405);
    assert.equal(preflight.headers.get('access-control-allow-origin'), null);
  });

  test('says at its own port where votes are cast', async () => {
    for (const path of ['/v1/votes', '/votewire.v1.VoteService/CastVote']) {
      const response = await fetch(fixture.url + path, { method: 'POST' });
      assert.equal(response.status, 404);
      assert.match(((await response.json()) as ProblemView).detail, /cast at the edge: port 8080 of this host\.$/);
    }
  });

  test('describes its API in OpenAPI, and everything described is there', async () => {
    const document = await read<typeof openApiDocument>('/openapi.json');
    assert.equal(document.openapi, '3.1.0');
    const names = new Set(Object.keys((document.components as { schemas: object }).schemas));
    for (const [, name] of JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)) {
      assert.ok(names.has(name ?? ''), `${name} is not described`);
    }
    const paths = document.paths as Record<string, Record<string, { operationId?: string; responses?: object }>>;
    const ids = new Set<string>();
    for (const [path, operations] of Object.entries(paths)) {
      const address = path
        .replace('{id}', path.includes('dead') ? '1-1' : 'visits')
        .replace('{partition}', '0')
        .replace('{group}', 'log');
      for (const [method, operation] of Object.entries(operations)) {
        if (method === 'parameters') continue;
        assert.ok(operation.responses !== undefined && operation.operationId !== undefined);
        assert.ok(!ids.has(operation.operationId), `${operation.operationId} twice`);
        ids.add(operation.operationId);
        if (method === 'get') {
          const { status } = await fetch(fixture.url + address, { method: 'HEAD' });
          assert.notEqual(status, 405, path);
          assert.ok(String(status) in operation.responses, `${path} answers ${status}, which is not described`);
        } else {
          // Without the token, so that nothing happens.
          const { status } = await fetch(fixture.url + address, {
            method: method.toUpperCase(),
            headers: { authorization: '', 'x-forwarded-for': '1' },
          });
          assert.equal(status, 401, path);
        }
      }
    }
  });

  test('shows how the machinery is doing', async () => {
    await ensurePartition(fixture.redis, 0);
    const system = await read<SystemView>('/api/system');
    assert.equal(system.partitions.length, 4);
    assert.deepEqual(system.ledger.gaps, []);
    assert.deepEqual(system.consumers, []);
  });

  test('lists dead letters for everybody, opens and replays them for the operator', async () => {
    const stream = streamKey(1);
    await ensurePartition(fixture.redis, 1);
    const id = await fixture.redis.send<string>(stream, ['XADD', stream, '*', 'b', 'not a batch']);
    for (const group of [TALLY_GROUP, LOG_GROUP]) {
      await fixture.redis.send(stream, ['XREADGROUP', 'GROUP', group, 'one', 'COUNT', '1', 'STREAMS', stream, '>']);
    }
    const failed = { partition: 1, group: TALLY_GROUP, id, reason: 'not a VoteBatch', limit: 1, votes: 0 };
    assert.equal(await deadLetterEntries(fixture.redis, failed), 'dead');

    const list = await read<DeadLetterList>('/api/dead-letters');
    assert.equal(list.total, 1);
    assert.equal(list.items[0]?.reason, 'not a VoteBatch');
    assert.ok(!JSON.stringify(list).includes('not a batch'), 'what is in it is for the operator alone');
    const path = `/api/dead-letters/1/tally/${id}`;
    assert.equal((await fetch(fixture.url + path)).status, 401);
    assert.equal((await fetch(`${fixture.url}${path}/replay`, { method: 'POST' })).status, 401);

    const detail = (await (await fixture.admin('GET', path)).json()) as DeadLetterDetail;
    assert.equal(Buffer.from(detail.hex, 'hex').toString(), 'not a batch');
    assert.equal(detail.batch, null);
    const replay = async (query: string) =>
      (await (await fixture.admin('POST', `${path}/replay${query}`)).json()) as ReplayOutcome;
    assert.deepEqual(await replay('?dryRun=true'), { replayed: false, newId: null, readable: false });
    assert.equal((await read<DeadLetterList>('/api/dead-letters')).total, 1);
    assert.equal((await fixture.admin('POST', `${path}/replay?dry=1`)).status, 422);
    const outcome = await replay('');
    assert.match(outcome.newId ?? '', /^\d+-\d+$/);
    assert.equal((await read<DeadLetterList>('/api/dead-letters')).total, 0);
    for (const gone of [
      path,
      '/api/dead-letters/99/tally/1-1',
      '/api/dead-letters/x/tally/1-1',
      '/api/dead-letters/0/__proto__/1-1',
    ]) {
      assert.equal((await fixture.admin('GET', gone)).status, 404, gone);
    }
  });

  test('lists bench reports, and keeps them from using what the dashboard may', async () => {
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
    const { reports } = await read<BenchView>('/api/bench');
    assert.equal(reports.length, 1);
    assert.deepEqual(reports[0]?.verdict, ['gRPC wins.', 'HTTP wins batches.']);
    await mkdir(join(fixture.dir, 'bench', '2026-03-02T120000Z'));
    const stopped = { ...report, verdict: [{ kind: 'caution', text: 'Few rounds.' }] };
    await writeFile(join(fixture.dir, 'bench', '2026-03-02T120000Z', 'report.json'), JSON.stringify(stopped));
    const [newest] = (await read<BenchView>('/api/bench')).reports;
    assert.match(newest?.verdict.join('\n') ?? '', /^No verdict: .*\nFew rounds\.$/);
    assert.equal(reports[0]?.rows[0]?.cpuSecondsPerMillion.median, 24);
    const page = await fetch(`${fixture.url}/api/bench/reports/2026-03-01T120000Z/report.html`);
    assert.equal(await page.text(), '<!doctype html><title>Report</title>');
    assert.match(page.headers.get('content-security-policy') ?? '', /sandbox allow-scripts$/);
    for (const id of ['..', '%2e%2e', '..%2f..%2fetc', 'nothing']) {
      assert.equal((await fetch(`${fixture.url}/api/bench/reports/${id}/report.html`)).status, 404, id);
    }
  });

  test('starts a bench for somebody at this machine, not for a page of another site', async () => {
    const start = (headers: Record<string, string>) => fetch(`${fixture.url}/api/bench`, { method: 'POST', headers });
    assert.equal((await start({ origin: 'https://evil.example' })).status, 401);
    assert.equal((await start({ 'sec-fetch-site': 'cross-site' })).status, 401);
    assert.equal((await start({ 'x-forwarded-for': '203.0.113.9' })).status, 401);
    assert.equal((await start({ authorization: 'Bearer wrong' })).status, 401);
    const started = await start({ origin: fixture.url });
    assert.equal(started.status, 202);
    const again = await start({});
    assert.deepEqual([again.status, ((await again.json()) as ProblemView).code], [409, 'conflict']);
    const run = async () => (await read<BenchView>('/api/bench')).run;
    await until('its end', async () => (await run()).state === 'ended');
    const ended = (await run()) as Extract<BenchRun, { state: 'ended' }>;
    assert.deepEqual([ended.exitCode, ended.output], [0, ['measured']]);
  });

  test('a name that resolves to this machine is not somebody at this machine', async () => {
    const socket = connect(fixture.port, '127.0.0.1');
    socket.write('POST /api/bench HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    const [answer] = await once(socket, 'data');
    assert.match(String(answer), /^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  test('the contests that a deployment starts with are ones that the API would take', async () => {
    const { contests } = await read<{ contests: Record<string, unknown>[] }>('/api/contests');
    for (const { status: _, resultsHidden: __, ...contest } of contests) assert.ok(parseContest(contest).ok);
  });
});
