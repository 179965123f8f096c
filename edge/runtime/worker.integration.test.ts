import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { type EdgeProcess, startEdgeProcess } from '../testing/edge-process.ts';
import { testIngress } from '../testing/ingress-suite.ts';
import { httpClient, type SuiteClient } from '../testing/suite-clients.ts';
import { startSuiteCounter } from '../testing/suite-counter.ts';
import { startWorkerProcess, type WorkerProcess, type WorkerRuntime } from '../testing/worker-process.ts';
import { createWorker } from '../worker/create-worker.ts';

const RUNTIMES: readonly WorkerRuntime[] = ['workerd', 'deno', 'bun'];
// In a separate process, because Vite's build does not end within Vitest.
execFileSync('npm', ['run', '--silent', 'build:worker']);
const dist = join(import.meta.dirname, '../worker/dist');

/** A worker in front of the suite's edge. */
function behind(runtime: WorkerRuntime): (edge: EdgeProcess) => Promise<SuiteClient> {
  return async (edge) => {
    const worker = await startWorkerProcess(runtime, dist, edge.httpUrl);
    const client = httpClient(worker);
    return {
      ...client,
      [Symbol.dispose]() {
        client[Symbol.dispose]();
        void worker[Symbol.asyncDispose]();
      },
    };
  };
}

testIngress('A worker in front of an edge', {
  runtime: 'node',
  clients: Object.fromEntries(RUNTIMES.map((runtime) => [runtime, behind(runtime)])),
});

const VOTES = 20_000;
const CONCURRENCY = 256;

describe('20,000 votes while the upstream edge is killed and restarted', () => {
  let dir: string;
  let redis: RedisServer;
  let edge: EdgeProcess;
  let worker: WorkerProcess;
  const startEdge = (port = '0') => startEdgeProcess('node', { REDIS_URL: redis.url, DATA_DIR: dir, PORT: port });

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'votewire-worker-'));
    redis = await startRedisServer({ dir, port: await freePort() });
    edge = await startEdge();
    worker = await startWorkerProcess('workerd', dist, edge.httpUrl);
  });
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await edge?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true, force: true });
  });

  test('each vote is stored and counted exactly once', { timeout: 300_000 }, async () => {
    await using counter = await startSuiteCounter(redis.url);
    const client = httpClient(worker, CONCURRENCY);
    let sent = 0;
    let retries = 0;
    const receipts = new Set<string>();
    /** Resends a vote until its outcome is known. */
    const cast = async (voter: string) => {
      await waitFor(
        async () => {
          const reply = await client.cast({ contest: 'cats-vs-dogs', choice: 'cats', voter, sequence: 1 });
          if (reply.ok) receipts.add(reply.receipt);
          else expect(reply).toStrictEqual({ ok: false, code: 'store_unavailable', retryable: true });
          if (!reply.ok) retries++;
          return reply.ok;
        },
        { what: `vote of ${voter}`, timeoutMs: 120_000 },
      );
    };
    const voters = Array.from({ length: CONCURRENCY }, async () => {
      while (sent < VOTES) await cast(`voter-${sent++}`);
    });
    const killEdge = async () => {
      for (let kill = 1; kill <= 3; kill++) {
        await waitFor(() => sent >= (VOTES * kill) / 4, { timeoutMs: 120_000 });
        const { port } = new URL(edge.httpUrl);
        await edge[Symbol.asyncDispose]();
        edge = await startEdge(port);
      }
    };
    await Promise.all([...voters, killEdge()]);
    client[Symbol.dispose]();
    expect(retries, 'no vote was affected by the kills').toBeGreaterThan(0);
    expect(receipts.size).toBe(VOTES);
    const total = async () =>
      (await (await fetch(`${edge.httpUrl}/v1/contests/cats-vs-dogs/results`)).json()).total as number;
    await waitFor(async () => counter.ready && (await total()) >= VOTES, { timeoutMs: 120_000 });
    expect(await total()).toBe(VOTES);
  });
});

test('without an upstream, votes are not stored and other requests fail as unknown', async () => {
  const worker = createWorker({ codec: loadModule('codec'), upstream: `http://127.0.0.1:${await freePort()}` });
  const vote = await worker.fetch(
    new Request('http://worker/v1/votes', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"contest":"cats-vs-dogs","choice":"cats","voter":"ana"}',
    }),
  );
  const page = await worker.fetch(new Request('http://worker/c/cats-vs-dogs'));
  for (const response of [vote, page]) {
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
    expect((await response.json()).code).toBe('store_unavailable');
  }
});

describe('with an upstream that records requests', () => {
  const now = Date.now();
  const day = 86_400_000;
  const contest = (id: string, closesAt: string | null) => ({
    ...{ id, title: id, rule: 'one-per-voter', opensAt: null, closesAt },
    options: [{ id: 'a', label: 'a', colour: '#000000', attributes: {} }],
  });
  const contests = [contest('open', null), contest('closed', new Date(now - day).toISOString())];
  const requests: Request[] = [];
  let answer: () => Response;
  const worker = createWorker({
    codec: loadModule('codec'),
    upstream: 'http://upstream',
    fetch: async (input, init) => {
      const request = new Request(input, init);
      if (request.url.endsWith('/v1/contests')) return Response.json({ contests });
      requests.push(request);
      return answer();
    },
  });
  const post = (body: object, headers: Record<string, string> = {}) =>
    worker.fetch(
      new Request('http://worker/v1/votes', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    );
  const vote = { contest: 'open', choice: 'a', voter: 'ana' };

  test('invalid votes, votes for closed contests and votes from other sites never leave the worker', async () => {
    requests.length = 0;
    const rows: [number, object, Record<string, string>?][] = [
      [422, { ...vote, choice: 'b' }],
      [404, { ...vote, contest: 'none' }],
      [409, { ...vote, contest: 'closed' }],
      [422, { ...vote, voter: '' }],
      [403, vote, { origin: 'https://elsewhere.example' }],
    ];
    for (const [status, body, headers] of rows) expect((await post(body, headers)).status).toBe(status);
    expect(requests).toStrictEqual([]);
  });

  test('concurrent votes share a batch, and each client gets its own answer', async () => {
    requests.length = 0;
    answer = () =>
      Response.json({
        accepted: 1,
        outcomes: [
          { receipt: 'r', status: 'queued' },
          { code: 'overloaded', detail: 'Too many votes', retryAfter: 2 },
        ],
      });
    const replies = await Promise.all(Array.from({ length: 6 }, (_, at) => post({ ...vote, voter: `v${at}` })));
    // The first vote is in flight while the others gather.
    expect(requests.length).toBe(2);
    expect(replies.map(({ status }) => status)).toStrictEqual([202, 202, 503, 503, 503, 503]);
    expect(await replies[0]?.json()).toStrictEqual({ receipt: 'r', status: 'queued' });
    expect(replies[2]?.headers.get('retry-after')).toBe('2');
  });

  test('passes on a request with credentials unchanged', async () => {
    requests.length = 0;
    answer = () => Response.json({ receipt: 'r', status: 'queued' }, { status: 202 });
    expect((await post(vote, { authorization: 'Bearer key' })).status).toBe(202);
    expect(requests[0]?.headers.get('authorization')).toBe('Bearer key');
    expect(await requests[0]?.json()).toStrictEqual(vote);
  });

  test('a form keeps its redirect, and its origin becomes that of the upstream', async () => {
    requests.length = 0;
    answer = () => new Response(null, { status: 303, headers: { location: '/c/open?vote=counted' } });
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://worker', host: 'worker' };
    const reply = await worker.fetch(
      new Request('http://worker/v1/votes', { method: 'POST', headers, body: 'contest=open&choice=a' }),
    );
    expect([reply.status, reply.headers.get('location')]).toStrictEqual([303, '/c/open?vote=counted']);
    expect(requests[0]?.headers.get('origin')).toBe('http://upstream');
  });
});
