import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import { type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { type EdgeProcess, type EdgeRuntime, startEdgeProcess } from './edge-process.ts';
import type { SuiteClient, SuiteReply } from './suite-clients.ts';
import { type SuiteCounter, startSuiteCounter } from './suite-counter.ts';

interface IngressVariant {
  readonly runtime: EdgeRuntime;
  readonly env?: Record<string, string>;
  /** By the name of the transport: each runs the whole suite against the same edge. */
  readonly clients: Readonly<Record<string, Connect>>;
}

type Connect = (edge: EdgeProcess) => SuiteClient | Promise<SuiteClient>;

const WAIT_TIMEOUT_MS = 600;

/** What every transport does alike, against a real edge process and a real Redis that fails and recovers. */
export function testIngress(name: string, variant: IngressVariant): void {
  describe(name, () => {
    let dir: string;
    let redis: RedisServer;
    let edge: EdgeProcess;
    let counter: SuiteCounter;
    const clients = new Map<string, SuiteClient>();

    const startEdge = () =>
      startEdgeProcess(variant.runtime, {
        REDIS_URL: redis.url,
        DATA_DIR: dir,
        WAIT_TIMEOUT_MS: `${WAIT_TIMEOUT_MS}`,
        ...variant.env,
      });

    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'votewire-edge-'));
      redis = await startRedisServer({ dir });
      edge = await startEdge();
      counter = await startSuiteCounter(redis.url);
      for (const [transport, connect] of Object.entries(variant.clients)) clients.set(transport, await connect(edge));
    });

    afterAll(async () => {
      for (const client of clients.values()) client[Symbol.dispose]();
      await counter?.[Symbol.asyncDispose]();
      await edge?.[Symbol.asyncDispose]();
      await redis?.[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    });

    const json = async (path: string) => (await fetch(`${edge.httpUrl}${path}`)).json();
    const results = (contest: string) => json(`/v1/contests/${contest}/results`);
    const receiptStatus = async (receipt: string) => (await json(`/v1/receipts/${receipt}`)).status;

    let contests = 0;
    /** A new contest with the options `a` and `b`, once the edge knows it. */
    const openContest = async (rule: 'one-per-voter' | 'open' = 'one-per-voter'): Promise<string> => {
      const id = `contest-${contests++}`;
      const options = ['a', 'b'].map((option) => ({ id: option, label: option, colour: '#0b7285', attributes: {} }));
      await waitFor(() => counter.ready);
      const outcome = await counter.contests.create({ id, title: id, rule, options });
      assert(outcome.ok, JSON.stringify(outcome));
      await waitFor(async () => (await fetch(`${edge.httpUrl}/v1/contests/${id}`)).ok);
      return id;
    };

    /** A worker in front of the edge caches its list of contests for a moment. */
    const known = async (client: SuiteClient, contest: string) => {
      await waitFor(async () => codeOf(await client.cast({ contest, choice: 'c', voter: 'x' })) === 'unknown_choice');
      return contest;
    };

    for (const transport of Object.keys(variant.clients)) {
      describe(transport, () => {
        let client: SuiteClient;
        beforeAll(() => {
          client = clients.get(transport) ?? assert.fail('not connected');
        });

        const newContest = async (rule?: 'one-per-voter' | 'open') => known(client, await openContest(rule));

        test('accepts a vote, and its receipt shows when it is counted', async () => {
          const contest = await newContest();
          const reply = await client.cast({ contest, choice: 'a', voter: 'ana' });
          assert(reply.ok, JSON.stringify(reply));
          expect(reply.status).toBe('queued');
          await waitFor(async () => (await receiptStatus(reply.receipt)) === 'counted');
          expect((await results(contest)).total).toBe(1);
        });

        test('waits for the count, and moves a changed vote', async () => {
          const contest = await newContest();
          const first = await client.cast({ contest, choice: 'a', voter: 'luis' }, true);
          assert(first.ok && first.status === 'counted', JSON.stringify(first));
          const second = await client.cast({ contest, choice: 'b', voter: 'luis' }, true);
          assert(second.ok && second.status === 'counted', JSON.stringify(second));
          const { total, options } = await results(contest);
          expect([total, ...options.map(({ count }: { count: number }) => count)]).toStrictEqual([1, 0, 1]);
          expect(await receiptStatus(first.receipt)).toBe('superseded');
          const newer = await client.cast({ contest, choice: 'a', voter: 'eva', sequence: 7 }, true);
          const older = await client.cast({ contest, choice: 'b', voter: 'eva', sequence: 3 }, true);
          expect(newer.ok && newer.status).toBe('counted');
          expect(older.ok && older.status).toBe('superseded');
        });

        test('counts a repeated vote_id once', async () => {
          const contest = await newContest('open');
          const vote = { contest, choice: 'a', voter: 'ana', vote_id: 'v-1', attributes: { year: '1996' } };
          const first = await client.cast(vote, true);
          const second = await client.cast(vote, true);
          expect(first.ok && first.status).toBe('counted');
          expect(second.ok && second.status).toBe('duplicate');
          expect((await results(contest)).total).toBe(1);
        });

        test('rejects invalid votes, and counts none of them', async () => {
          const contest = await newContest();
          const vote = { contest, choice: 'a', voter: 'x' };
          const rows: [string, Record<string, unknown>][] = [
            ['unknown_contest', { ...vote, contest: 'missing' }],
            ['unknown_choice', { ...vote, choice: 'c' }],
            ['missing_field', { contest, choice: 'a' }],
            ['invalid_character', { ...vote, voter: 'a\u0000b' }],
            ['invalid_character', { ...vote, voter: 'a\u200bb' }],
            ['too_long', { ...vote, voter: 'x'.repeat(129) }],
            [
              'too_many_attributes',
              { ...vote, attributes: Object.fromEntries([...'abcdefghi'].map((key) => [key, ''])) },
            ],
            ['out_of_range', { ...vote, sequence: 2 ** 53 }],
            ['out_of_range', { ...vote, sequence: 2 ** 53 - 1 }],
            ['too_large', { ...vote, attributes: { a: 'x'.repeat(5000) } }],
          ];
          for (const [code, invalid] of rows) {
            expect(await client.cast(invalid)).toStrictEqual({ ok: false, code, retryable: false });
          }
          const last = await client.cast({ ...vote, voter: 'last' }, true);
          expect(last.ok && last.status).toBe('counted');
          expect((await results(contest)).total).toBe(1);
        });

        test('accepts a batch, and names each rejected vote', async () => {
          const contest = await newContest();
          const votes: Record<string, unknown>[] = Array.from({ length: 1000 }, (_, i) => ({
            contest,
            choice: 'b',
            voter: `batch-${i}`,
          }));
          votes[3] = { contest: 'missing', choice: 'x', voter: 'y' };
          votes[999] = { contest, choice: 'c', voter: 'y' };
          expect(await client.castMany(votes)).toStrictEqual({
            ok: true,
            accepted: 998,
            rejected: [
              { index: 3, code: 'unknown_contest' },
              { index: 999, code: 'unknown_choice' },
            ],
          });
          await waitFor(async () => (await results(contest)).total === 998);
        });

        test('rejects votes for a contest that is not open', async () => {
          const contest = await newContest('open');
          const other = await newContest();
          const change = async (times: Record<string, unknown>) =>
            assert((await counter.contests.update(contest, times)).ok);
          await change({ opensAt: '2100-01-01T00:00:00.000Z' });
          const vote = { contest, choice: 'a', voter: 'x' };
          await waitFor(async () => codeOf(await client.cast(vote)) === 'contest_not_open');
          const batch = await client.castMany([vote, { contest: other, choice: 'a', voter: 'ana' }]);
          expect(batch).toStrictEqual({ ok: true, accepted: 1, rejected: [{ index: 0, code: 'contest_not_open' }] });
          await change({ opensAt: null, closesAt: '2020-01-01T00:00:00.000Z' });
          await waitFor(async () => codeOf(await client.cast(vote)) === 'contest_closed');
          await change({ opensAt: null, closesAt: null });
          await waitFor(async () => (await client.cast(vote)).ok);
        });

        test('lists contests with their status', async () => {
          const [open, closed] = [await newContest('open'), await newContest()];
          assert((await counter.contests.update(closed, { closesAt: '2020-01-01T00:00:00.000Z' })).ok);
          const listed = async (id: string) => (await client.contests()).find((contest) => contest.id === id);
          await waitFor(async () => (await listed(closed))?.status === 'closed');
          const options = ['a', 'b'];
          expect(await listed(open)).toStrictEqual({ id: open, title: open, rule: 'open', status: 'open', options });
          const ids = (await client.contests()).map(({ id }) => id);
          expect(ids).toStrictEqual(ids.toSorted());
          expect(ids).toContain('cats-vs-dogs');
        });

        test('accepts a thousand votes at once, each with its own receipt', async () => {
          const contest = await newContest();
          const casts = Array.from({ length: 1000 }, (_, i) =>
            client.cast({ contest, choice: 'a', voter: `many-${i}` }),
          );
          const receipts = new Set((await Promise.all(casts)).map((reply) => (reply.ok ? reply.receipt : reply.code)));
          expect(receipts.size).toBe(1000);
        });
      });
    }

    describe('over every transport at once', () => {
      /** Runs the work over each transport. Failures name it. */
      const overEach = <T>(work: (client: SuiteClient, index: number) => Promise<T>): Promise<[string, T][]> =>
        Promise.all([...clients].map(async ([name, client], index) => [name, await work(client, index)]));
      const newContest = async () => {
        const contest = await openContest();
        await overEach((client) => known(client, contest));
        return contest;
      };

      test('answers a bounded wait with the receipt', async () => {
        const contest = await newContest();
        await counter.pause();
        const replies = await overEach((client, index) =>
          timed(client.cast({ contest, choice: 'a', voter: `ana-${index}` }, true)),
        );
        counter.resume();
        for (const [transport, { value: reply, ms }] of replies) {
          assert(reply.ok && reply.status === 'queued', `${transport}: ${JSON.stringify(reply)}`);
          expect(ms >= WAIT_TIMEOUT_MS - 100 && ms < WAIT_TIMEOUT_MS + 1500, `${transport}: ${ms} ms`).toBeTruthy();
          await waitFor(async () => (await receiptStatus(reply.receipt)) === 'counted');
        }
      });

      test('answers "unknown" within two seconds while Redis is frozen, and recovers', async () => {
        const vote = { contest: await newContest(), choice: 'a', voter: 'frozen' };
        const cast = () => overEach((client) => timed(client.cast(vote)));
        redis.process.kill('SIGSTOP');
        const first = await cast();
        const second = await cast();
        redis.process.kill('SIGCONT');
        for (const [transport, { value, ms }] of [...first, ...second]) {
          expect(value, transport).toStrictEqual({ ok: false, code: 'store_unavailable', retryable: true });
          expect(ms, `${transport}: ${ms} ms`).toBeLessThan(2000);
        }
        for (const [transport, { ms }] of second) {
          expect(ms, `${transport}: ${ms} ms: it should be rejected at once`).toBeLessThan(200);
        }
        await overEach((client) => waitFor(async () => (await client.cast(vote)).ok, { timeoutMs: 2500 }));
      });

      test('answers 503 within a second while Redis is down, and recovers', async () => {
        const vote = { contest: await newContest(), choice: 'a', voter: 'down' };
        const { port } = redis;
        redis.process.kill('SIGKILL');
        try {
          await overEach((client) => waitFor(async () => codeOf(await client.cast(vote)) === 'store_unavailable'));
          for (const [transport, { value, ms }] of await overEach((client) => timed(client.cast(vote)))) {
            expect(value, transport).toStrictEqual({ ok: false, code: 'store_unavailable', retryable: true });
            expect(ms, `${transport}: ${ms} ms`).toBeLessThan(1000);
          }
          expect((await fetch(`${edge.httpUrl}/readyz`)).status).toBe(503);
        } finally {
          // Other tests need it, whatever happens here.
          redis = await startRedisServer({ dir, port });
        }
        await overEach((client) => waitFor(async () => codeOf(await client.cast(vote)) !== 'store_unavailable'));
        await waitFor(async () => (await fetch(`${edge.httpUrl}/readyz`)).status === 200);
        // Redis keeps its append-only file for at most a second, in which the contest may have been created.
        const again = { ...vote, contest: await newContest() };
        for (const [transport, { ok }] of await overEach((client) => client.cast(again))) {
          expect(ok, transport).toBe(true);
        }
      });
    });

    test('a stop finishes what was accepted, over every transport at once', async () => {
      await using stopping = await startEdge();
      const contest = await openContest();
      await waitFor(async () => (await fetch(`${stopping.httpUrl}/v1/contests/${contest}`)).ok);
      const own = await Promise.all(Object.values(variant.clients).map((connect) => connect(stopping)));
      const castAll = (name: string, wait: boolean) =>
        own.flatMap((client, from) =>
          Array.from({ length: 12 }, (_, i) =>
            client.cast({ contest, choice: 'a', voter: `${name}-${from}-${i}` }, wait),
          ),
        );
      // Opens the connections: a stop refuses those that are not accepted yet.
      await Promise.all(castAll('first', false));
      const casts = castAll('last', true);
      await Promise.race(casts);
      const { code, ms } = await stopping.stop();
      expect(code, stopping.output()).toBe(0);
      expect(ms, `${ms} ms`).toBeLessThan(8000);
      const failed = (await Promise.allSettled(casts)).filter(({ status }) => status === 'rejected');
      for (const client of own) client[Symbol.dispose]();
      expect(failed).toStrictEqual([]);
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
