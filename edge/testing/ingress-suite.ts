import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import { openContestStore } from '../../store/contests/contests.ts';
import { openRedis } from '../../store/redis/redis.ts';
import { freePort, type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { type EdgeProcess, type EdgeRuntime, startEdgeProcess } from './edge-process.ts';
import type { SuiteClient, SuiteReply } from './suite-clients.ts';
import { type SuiteCounter, startSuiteCounter } from './suite-counter.ts';

export interface IngressVariant {
  readonly runtime: EdgeRuntime;
  readonly env?: Record<string, string>;
  readonly connect: (edge: EdgeProcess) => SuiteClient | Promise<SuiteClient>;
}

const WAIT_TIMEOUT_MS = 600;

/** What every ingress path does alike, against a real edge process and a real Redis that comes and goes. */
export function testIngress(name: string, variant: IngressVariant): void {
  describe(name, () => {
    let dir: string;
    let redis: RedisServer;
    let edge: EdgeProcess;
    let counter: SuiteCounter;
    let client: SuiteClient;

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'votewire-edge-'));
      redis = await startRedisServer({ dir, port: await freePort() });
      edge = await startEdgeProcess(variant.runtime, {
        REDIS_URL: redis.url,
        DATA_DIR: dir,
        WAIT_TIMEOUT_MS: `${WAIT_TIMEOUT_MS}`,
        ...variant.env,
      });
      counter = await startSuiteCounter(redis.url);
      client = await variant.connect(edge);
    });

    afterAll(async () => {
      client?.[Symbol.dispose]();
      await counter?.[Symbol.asyncDispose]();
      await edge?.[Symbol.asyncDispose]();
      await redis?.[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    });

    const json = async (path: string) => (await fetch(`${edge.httpUrl}${path}`)).json();
    const results = (contest: string) => json(`/v1/contests/${contest}/results`);
    const receiptStatus = async (receipt: string) => (await json(`/v1/receipts/${receipt}`)).status;

    test('takes a vote in, and its receipt tells when it is counted', async () => {
      const reply = await client.cast({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' });
      assert(reply.ok, JSON.stringify(reply));
      expect(reply.status).toBe('queued');
      await waitFor(async () => (await receiptStatus(reply.receipt)) === 'counted');
      expect((await results('cats-vs-dogs')).total).toBe(1);
    });

    test('waits for the count, and moves a vote that is changed', async () => {
      const first = await client.cast({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'luis' }, true);
      assert(first.ok && first.status === 'counted', JSON.stringify(first));
      const second = await client.cast({ contest: 'cats-vs-dogs', choice: 'dogs', voter: 'luis' }, true);
      assert(second.ok && second.status === 'counted', JSON.stringify(second));
      const { total, options } = await results('cats-vs-dogs');
      expect(total).toBe(2);
      expect(options.map(({ count }: { count: number }) => count)).toStrictEqual([1, 1]);
      expect(await receiptStatus(first.receipt)).toBe('superseded');
      const older = await client.cast({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'eva', sequence: 7 }, true);
      const late = await client.cast({ contest: 'cats-vs-dogs', choice: 'dogs', voter: 'eva', sequence: 3 }, true);
      expect(older.ok && older.status).toBe('counted');
      expect(late.ok && late.status).toBe('superseded');
    });

    test('answers a bounded wait with the receipt', async () => {
      counter.pause();
      const began = performance.now();
      const reply = await client.cast({ contest: 'bandas', choice: 'la-tona', voter: 'ana' }, true);
      const took = performance.now() - began;
      counter.resume();
      assert(reply.ok && reply.status === 'queued', JSON.stringify(reply));
      expect(took >= WAIT_TIMEOUT_MS - 100 && took < WAIT_TIMEOUT_MS + 1500, `${took} ms`).toBeTruthy();
      await waitFor(async () => (await receiptStatus(reply.receipt)) === 'counted');
    });

    test('counts a repeated vote_id once', async () => {
      const before = (await results('bandas')).total;
      const vote = {
        contest: 'bandas',
        choice: 'viernes-verde',
        voter: 'ana',
        vote_id: 'v-1',
        attributes: { year: '1996' },
      };
      const first = await client.cast(vote, true);
      const second = await client.cast(vote, true);
      expect(first.ok && first.status).toBe('counted');
      expect(second.ok && second.status).toBe('duplicate');
      expect((await results('bandas')).total).toBe(before + 1);
    });

    test('refuses what breaks a rule, and counts none of it', async () => {
      const before = (await results('cats-vs-dogs')).total;
      const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'x' };
      const refusals: [string, Record<string, unknown>][] = [
        ['unknown_contest', { ...vote, contest: 'nobody' }],
        ['unknown_choice', { ...vote, choice: 'birds' }],
        ['missing_field', { contest: 'cats-vs-dogs', choice: 'cats' }],
        ['invalid_character', { ...vote, voter: 'a\u0000b' }],
        ['invalid_character', { ...vote, voter: 'a\u200bb' }],
        ['too_long', { ...vote, voter: 'x'.repeat(129) }],
        ['too_many_attributes', { ...vote, attributes: Object.fromEntries([...'abcdefghi'].map((key) => [key, ''])) }],
        ['out_of_range', { ...vote, sequence: 2 ** 53 }],
        ['too_large', { ...vote, attributes: { a: 'x'.repeat(5000) } }],
      ];
      for (const [code, refused] of refusals) {
        const reply = await client.cast(refused);
        expect(reply).toStrictEqual({ ok: false, code, retryable: false });
      }
      expect((await results('cats-vs-dogs')).total).toBe(before);
    });

    test('refuses a query that HTTP does not know, and names what is wrong with it', async () => {
      const body = JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'query' });
      const ask = async (query: string) => {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(`${edge.httpUrl}/v1/votes?${query}`, { method: 'POST', headers, body });
        return [response.status, ((await response.json()) as { detail?: string }).detail];
      };
      const unknown = 'There is no query parameter "waitt": wait=counted is the only one, and can be left out';
      expect(await ask('waitt=counted')).toStrictEqual([422, unknown]);
      expect(await ask('wait=counted&waitt=1')).toStrictEqual([422, unknown]);
      const wrong = 'The parameter wait can be left out, or be "counted", not "maybe"';
      expect(await ask('wait=maybe')).toStrictEqual([422, wrong]);
      expect(await ask('wait=counted&wait=counted')).toStrictEqual([422, 'The parameter wait stands more than once']);
      expect(await ask('')).toStrictEqual([202, undefined]);
      expect(await ask('w%61it=counted')).toStrictEqual([200, undefined]);
    });

    test('takes a batch in, and names each vote that it refuses', async () => {
      const votes: Record<string, unknown>[] = Array.from({ length: 1000 }, (_, i) => ({
        contest: 'cats-vs-dogs',
        choice: 'dogs',
        voter: `batch-${i}`,
      }));
      votes[3] = { contest: 'nobody', choice: 'x', voter: 'y' };
      votes[999] = { contest: 'cats-vs-dogs', choice: 'birds', voter: 'y' };
      const before = (await results('cats-vs-dogs')).total;
      expect(await client.castMany(votes)).toStrictEqual({
        ok: true,
        accepted: 998,
        rejected: [
          { index: 3, code: 'unknown_contest' },
          { index: 999, code: 'unknown_choice' },
        ],
      });
      await waitFor(async () => (await results('cats-vs-dogs')).total === before + 998);
    });

    test('refuses votes for a contest that is not open', async () => {
      await changeContest(redis.url, { opensAt: '2100-01-01T00:00:00.000Z' });
      const vote = { contest: 'visits', choice: 'visit', voter: 'x' };
      await waitFor(async () => codeOf(await client.cast(vote)) === 'contest_not_open');
      const batch = await client.castMany([vote, { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' }]);
      expect(batch).toStrictEqual({ ok: true, accepted: 1, rejected: [{ index: 0, code: 'contest_not_open' }] });
      await changeContest(redis.url, { opensAt: null, closesAt: '2020-01-01T00:00:00.000Z' });
      await waitFor(async () => codeOf(await client.cast(vote)) === 'contest_closed');
      await changeContest(redis.url, { opensAt: null, closesAt: null });
      await waitFor(async () => (await client.cast(vote)).ok);
    });

    test('takes a thousand votes at once, each with a receipt of its own', async () => {
      const casts = Array.from({ length: 1000 }, (_, i) =>
        client.cast({ contest: 'cats-vs-dogs', choice: 'cats', voter: `many-${i}` }),
      );
      const receipts = new Set((await Promise.all(casts)).map((reply) => (reply.ok ? reply.receipt : reply.code)));
      expect(receipts.size).toBe(1000);
    });

    test('says unknown within two seconds while Redis is frozen, and comes back', async () => {
      redis.process.kill('SIGSTOP');
      const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'frozen' };
      const first = await timed(client.cast(vote));
      const second = await timed(client.cast(vote));
      redis.process.kill('SIGCONT');
      for (const { value, ms } of [first, second]) {
        expect(value).toStrictEqual({ ok: false, code: 'store_unavailable', retryable: true });
        expect(ms, `${ms} ms`).toBeLessThan(2000);
      }
      expect(second.ms, `${second.ms} ms: it should have been refused at once`).toBeLessThan(200);
      await waitFor(async () => (await client.cast(vote)).ok, { timeoutMs: 2500 });
    });

    test('answers 503 within a second while Redis is away, and comes back', async () => {
      const { port } = redis;
      redis.process.kill('SIGKILL');
      const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'away' };
      await waitFor(async () => codeOf(await client.cast(vote)) === 'store_unavailable');
      const { value, ms } = await timed(client.cast(vote));
      expect(value).toStrictEqual({ ok: false, code: 'store_unavailable', retryable: true });
      expect(ms, `${ms} ms`).toBeLessThan(1000);
      expect((await fetch(`${edge.httpUrl}/readyz`)).status).toBe(503);
      redis = await startRedisServer({ dir, port });
      await waitFor(async () => (await client.cast(vote)).ok);
      await waitFor(async () => (await fetch(`${edge.httpUrl}/readyz`)).status === 200);
    });

    test('finishes what it accepted, and stops', async () => {
      const casts = Array.from({ length: 12 }, (_, i) =>
        client.cast({ contest: 'cats-vs-dogs', choice: 'cats', voter: `last-${i}` }, true),
      );
      await Promise.race(casts);
      const { code, ms } = await edge.stop();
      expect(code, edge.output()).toBe(0);
      expect(ms, `${ms} ms`).toBeLessThan(8000);
      const refused = (await Promise.allSettled(casts)).filter(({ status }) => status === 'rejected');
      expect(refused).toStrictEqual([]);
    });
  });
}

function codeOf(reply: SuiteReply): string {
  return reply.ok ? reply.status : reply.code;
}

async function timed<T>(promise: Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now();
  const value = await promise;
  return { value, ms: performance.now() - began };
}

async function changeContest(redisUrl: string, change: Record<string, unknown>): Promise<void> {
  await using redis = openRedis({ urls: [redisUrl], name: 'suite' });
  await redis.whenReady();
  await using contests = await openContestStore({ redis, partitions: 4 });
  assert((await contests.update('visits', change)).ok);
}
