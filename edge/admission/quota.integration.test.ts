import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { afterAll, describe, expect, test } from 'vitest';
import { ErrorInfoSchema, RetryInfoSchema } from '../../proto/gen/google/rpc/error_details_pb.ts';
import { VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import type { EdgeProcess, EdgeRuntime } from '../testing/edge-process.ts';
import { useEdge } from '../testing/use-edge.ts';

const BURST = 3;
/** Reads per second; low enough that even a slow machine uses them up. */
const READS = 1;
/** While the machine stalls, the bucket refills by a few votes. */
const AT_MOST = BURST + 5;
const VOTE = { contest: 'bandas', choice: 'alux-nahual', voter: 'ana' };

for (const runtime of ['node', 'bun', 'deno'] as const) testQuota(runtime);

/** One quota per address spans all transports: 1 vote per second, 3 at once. */
function testQuota(runtime: EdgeRuntime): void {
  describe(`a quota on ${runtime}`, () => {
    let edge: EdgeProcess;
    let sessions: Http2SessionManager;
    const env = {
      RATE_LIMIT_PER_SECOND: '1',
      RATE_LIMIT_BURST: `${BURST}`,
      READ_LIMIT_PER_SECOND: `${READS}`,
      TRUST_PROXY: 'true',
    };
    useEdge({ runtime, env }, (started) => {
      ({ edge } = started);
      sessions = new Http2SessionManager(edge.httpUrl);
    });
    afterAll(() => sessions?.abort());

    const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });
    const client = (protocol: 'grpc' | 'connect') => {
      const options = { baseUrl: edge.httpUrl, httpVersion: '2', sessionManager: sessions } as const;
      return createClient(
        VoteService,
        protocol === 'grpc' ? createGrpcTransport(options) : createConnectTransport(options),
      );
    };
    const post = (address: string, path: string, body: string, type = 'application/json') =>
      fetch(`${edge.httpUrl}${path}`, {
        method: 'POST',
        headers: { 'content-type': type, 'x-forwarded-for': address },
        body,
      });

    /** Casts until the quota is used up; returns the number of accepted votes. */
    const untilLimited = async (cast: () => Promise<unknown>) => {
      for (let taken = 0; ; taken++) {
        expect(taken, `${taken} votes were accepted`).toBeLessThanOrEqual(AT_MOST);
        try {
          await cast();
        } catch (error) {
          assertLimited(error);
          return taken;
        }
      }
    };

    test('single votes over HTTP', async () => {
      const cast = () => post('10.0.0.1', '/v1/votes', JSON.stringify(VOTE));
      let taken = 0;
      let answer = await cast();
      for (; answer.status === 202 && taken <= AT_MOST; taken++) answer = await cast();
      expect(answer.status).toBe(429);
      expect(taken >= BURST && taken <= AT_MOST, `${taken} accepted`).toBeTruthy();
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(((await answer.json()) as { code: string }).code).toBe('rate_limited');
      expect(
        (await post('10.0.0.2', '/v1/votes', JSON.stringify(VOTE))).status,
        'other addresses are not affected',
      ).toBe(202);
    });

    test('a batch is charged for all its votes on every transport', async () => {
      const address = '10.0.0.3';
      const lines = Array.from({ length: 50 }, () => JSON.stringify(VOTE)).join('\n');
      const first = await post(address, '/v1/votes', lines, 'application/x-ndjson');
      expect(((await first.json()) as { accepted: number }).accepted).toBe(50);
      const second = await post(address, '/v1/votes', lines, 'application/x-ndjson');
      expect(second.status).toBe(429);
      const wait = Number(second.headers.get('retry-after'));
      expect(wait > 30 && wait <= 48, `retry after ${wait} s`).toBeTruthy();
      for (const protocol of ['grpc', 'connect'] as const) {
        expect(await untilLimited(() => client(protocol).castVote({ vote: VOTE }, from(address))), protocol).toBe(0);
      }
      expect((await fetch(`${edge.httpUrl}/visits`, from(address))).status, 'a visit is a vote').toBe(429);
    });

    test('without a proxy, a peer has the same address on every transport', async () => {
      const lines = Array.from({ length: 50 }, () => JSON.stringify(VOTE)).join('\n');
      const headers = { 'content-type': 'application/x-ndjson' };
      const answer = await fetch(`${edge.httpUrl}/v1/votes`, { method: 'POST', headers, body: lines });
      expect(((await answer.json()) as { accepted: number }).accepted).toBe(50);
      expect(await untilLimited(() => client('grpc').castVote({ vote: VOTE }))).toBe(0);
    });

    test('reads have a separate quota, and answers state what is left', async () => {
      const read = (path: string) => fetch(`${edge.httpUrl}${path}`, from('10.0.0.9'));
      const first = await read('/v1/contests');
      expect(first.status).toBe(200);
      expect(first.headers.get('ratelimit-policy')).toBe(`"reads";q=${2 * READS};w=2`);
      expect(first.headers.get('ratelimit') ?? '').toMatch(/^"reads";r=\d+;t=\d+$/);
      let answer = first;
      for (let i = 0; i < 50 && answer.status === 200; i++) answer = await read('/c/bandas');
      expect(answer.status).toBe(429);
      expect(answer.headers.get('ratelimit') ?? '').toMatch(/^"reads";r=0;t=\d+$/);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect((await read('/readyz')).status, 'probes are not limited').toBe(200);
      await untilLimited(() => client('grpc').getResults({ contest: 'bandas' }, from('10.0.0.9')));
    });

    for (const protocol of ['grpc', 'connect'] as const) {
      test(`single votes, batches and streams over ${protocol}`, async () => {
        const rpc = client(protocol);
        const name = (last: number) => from(`10.1.${protocol === 'grpc' ? 0 : 1}.${last}`);
        const taken = await untilLimited(() => rpc.castVote({ vote: VOTE }, name(1)));
        expect(taken, `${taken} accepted`).toBeGreaterThanOrEqual(BURST);

        const votes = Array.from({ length: 50 }, () => VOTE);
        expect((await rpc.castVotes({ votes }, name(2))).accepted).toBe(50);
        expect(await untilLimited(() => rpc.castVotes({ votes }, name(2)))).toBe(0);

        let acknowledged = 0n;
        let asked = Promise.withResolvers<void>();
        async function* messages() {
          for (let i = 0; i < 3; i++) {
            yield { votes };
            // The next message is sent when this one is acknowledged.
            await asked.promise;
            asked = Promise.withResolvers<void>();
          }
        }
        const stream = async () => {
          for await (const reply of rpc.streamVotes(messages(), name(3))) {
            acknowledged = reply.acknowledged;
            asked.resolve();
          }
        };
        await expect(stream).rejects.toSatisfy((error) => {
          assertLimited(error);
          return true;
        });
        asked.resolve();
        expect(acknowledged, 'votes accepted before are acknowledged').toBe(50n);
      });
    }
  });
}

function assertLimited(error: unknown): void {
  const refused = ConnectError.from(error);
  expect(refused.code, refused.message).toBe(Code.ResourceExhausted);
  expect(refused.findDetails(ErrorInfoSchema)[0]?.reason).toBe('ERROR_CODE_RATE_LIMITED');
  expect(refused.findDetails(RetryInfoSchema)[0]?.retryDelay?.seconds ?? 0n).toBeGreaterThanOrEqual(1n);
}
