import { assert, describe, expect, test } from 'vitest';
import { waitFor } from '../../../tests/support/wait-for.ts';
import type { SuiteClient } from '../suite-clients.ts';
import { codeOf, type IngressSystem, known, WAIT_TIMEOUT_MS } from './ingress-system.ts';

/** Tests of all transports at once while Redis or the count is unavailable. */
export function testOutages(system: IngressSystem): void {
  describe('over every transport at once', () => {
    /** Runs the work over each transport. Failures name the transport. */
    const overEach = <T>(work: (client: SuiteClient, index: number) => Promise<T>): Promise<[string, T][]> =>
      Promise.all([...system.clients].map(async ([name, client], index) => [name, await work(client, index)]));
    const newContest = async () => {
      const contest = await system.openContest();
      await overEach((client) => known(client, contest));
      return contest;
    };

    test('answers with the receipt when a wait times out', async () => {
      const contest = await newContest();
      await system.counter.pause();
      const replies = await overEach((client, index) =>
        timed(client.cast({ contest, choice: 'a', voter: `ana-${index}` }, true)),
      );
      system.counter.resume();
      for (const [transport, { value: reply, ms }] of replies) {
        assert(reply.ok && reply.status === 'queued', `${transport}: ${JSON.stringify(reply)}`);
        expect(ms >= WAIT_TIMEOUT_MS - 100 && ms < WAIT_TIMEOUT_MS + 1500, `${transport}: ${ms} ms`).toBeTruthy();
        await waitFor(async () => (await system.receiptStatus(reply.receipt)) === 'counted');
      }
    });

    test('answers "unknown" within two seconds while Redis is frozen, and recovers', async () => {
      const vote = { contest: await newContest(), choice: 'a', voter: 'frozen' };
      const cast = () => overEach((client) => timed(client.cast(vote)));
      system.redis.process.kill('SIGSTOP');
      const first = await cast();
      const second = await cast();
      system.redis.process.kill('SIGCONT');
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
      system.redis.process.kill('SIGKILL');
      try {
        await overEach((client) => waitFor(async () => codeOf(await client.cast(vote)) === 'store_unavailable'));
        for (const [transport, { value, ms }] of await overEach((client) => timed(client.cast(vote)))) {
          expect(value, transport).toStrictEqual({ ok: false, code: 'store_unavailable', retryable: true });
          expect(ms, `${transport}: ${ms} ms`).toBeLessThan(1000);
        }
        expect((await fetch(`${system.edge.httpUrl}/readyz`)).status).toBe(503);
      } finally {
        // Other tests need Redis, whatever happens here.
        await system.restartRedis();
      }
      await overEach((client) => waitFor(async () => codeOf(await client.cast(vote)) !== 'store_unavailable'));
      await waitFor(async () => (await fetch(`${system.edge.httpUrl}/readyz`)).status === 200);
      // Redis may lose the last second of its append-only file, in which the contest may have been created.
      const again = { ...vote, contest: await newContest() };
      for (const [transport, { ok }] of await overEach((client) => client.cast(again))) {
        expect(ok, transport).toBe(true);
      }
    });
  });
}

async function timed<T>(promise: Promise<T>): Promise<{ value: T; ms: number }> {
  const began = performance.now();
  const value = await promise;
  return { value, ms: performance.now() - began };
}
