import { Agent, request } from 'node:http';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { describe, expect, test } from 'vitest';
import type { EdgeProcess } from '../../edge/testing/edge-process.ts';
import { useEdge } from '../../edge/testing/use-edge.ts';
import { Status, VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { describeNeeding } from '../support/needing.ts';
import { waitFor } from '../support/wait-for.ts';
import { PROXY_KINDS } from './proxy-kinds.ts';
import { useProxy } from './use-proxy.ts';

/** Third-party proxies with default settings in front of an edge. */
const VOTES_PER_SECOND = 2_000;
const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
const VOTE = JSON.stringify(vote);
const TIMES = 30;

describe('an edge', () => {
  let edge: EdgeProcess;
  const quota = { RATE_LIMIT_PER_SECOND: `${VOTES_PER_SECOND}`, RATE_LIMIT_BURST: `${VOTES_PER_SECOND}` };
  useEdge({ env: { TRUST_PROXY: '1', ...quota } }, (started) => {
    ({ edge } = started);
  });

  for (const kind of PROXY_KINDS) {
    describeNeeding(kind.missing)(`behind ${kind.name}`, () => {
      const proxy = useProxy(kind, () => new URL(edge.httpUrl).host);

      test('its health checks pass', async () => {
        const isUp = async () => Object.values(await proxy().health()).every(Boolean);
        await waitFor(isUp).catch(() => undefined);
        const health = await proxy().health();
        expect(health).toStrictEqual(Object.fromEntries(Object.keys(health).map((name) => [name, true])));
      });

      test('a rejection arrives unchanged, whether or not the body was read, and the connection stays usable', async () => {
        using client = new Client(proxy().httpUrl);
        const large = 'x'.repeat(200_000);
        const cases: readonly (readonly [number, string, string, string])[] = [
          [413, '/v1/votes', 'application/json', large],
          [415, '/v1/votes', 'image/png', large],
          [400, '/v1/votes', 'application/json', '{"contest":'],
          [422, '/v1/votes?wait=soon', 'application/x-ndjson', large],
          [404, '/v1/nothing', 'application/json', large],
          [405, '/v1/contests', 'application/json', large],
          [202, '/v1/votes', 'application/json', VOTE],
        ];
        for (const [status, path, type, body] of cases) {
          const statuses = new Set<number>();
          for (let n = 0; n < TIMES; n++) {
            statuses.add(await client.post(path, type, body));
            statuses.add(await client.post('/v1/votes', 'application/json', VOTE));
          }
          expect([...statuses].sort(), `${path} with ${body.length} bytes of ${type}`).toStrictEqual(
            [...new Set([202, status])].sort(),
          );
        }
      });

      test('an exhausted quota is always a 429', async () => {
        using connection = new Client(proxy().httpUrl);
        const batch = `${VOTE}\n`.repeat(2 * VOTES_PER_SECOND);
        // Uses another client address, whose quota no other test needs. By default no proxy changes the header.
        const client = { 'x-forwarded-for': `192.0.2.${PROXY_KINDS.indexOf(kind) + 1}` };
        const statuses = [];
        for (let n = 0; n < TIMES; n++) {
          statuses.push(await connection.post('/v1/votes', 'application/x-ndjson', batch, client));
        }
        expect(new Set(statuses)).toStrictEqual(new Set([202, 429]));
      });

      test('gRPC: calls, streams, rejections and early answers leave the connection usable', async () => {
        const transport = createGrpcTransport({ baseUrl: proxy().grpcUrl });
        const grpc = createClient(VoteService, transport);
        const codeOf = (call: Promise<unknown>) =>
          call.then(
            () => undefined,
            (error: unknown) => {
              const { code, message } = ConnectError.from(error);
              // In a failed comparison, the message says more than the code.
              return code === Code.Internal ? message : code;
            },
          );
        await waitFor(async () => (await codeOf(grpc.castVote({ vote }))) === undefined);
        // As many concurrent calls as an edge connection has streams. Envoy would put more on a new connection before
        // it knows the limit; see docs/proxies.md.
        for (let round = 0; round < 5; round++) {
          const answers = await Promise.all(Array.from({ length: 100 }, () => grpc.castVote({ vote })));
          expect(new Set(answers.map(({ status }) => status))).toStrictEqual(new Set([Status.QUEUED]));
        }
        expect(await codeOf(grpc.castVote({ vote: { ...vote, contest: 'missing' } }))).toBe(Code.NotFound);
        async function* votes() {
          for (let i = 0; i < 50; i++) yield { votes: [vote] };
        }
        let acknowledged = 0n;
        for await (const answer of grpc.streamVotes(votes())) acknowledged = answer.acknowledged;
        expect(acknowledged).toBe(50n);
        // More calls than a connection has streams, so streams that ended early must be released.
        const large = { ...vote, voter: 'x'.repeat(100_000) };
        for (let n = 0; n < 150; n++) expect(await codeOf(grpc.castVote({ vote: large }))).toBe(Code.ResourceExhausted);
        expect((await grpc.castVote({ vote })).status).toBe(Status.QUEUED);
      });

      test('a watch of results and the stream of the vote page arrive at once', async () => {
        const grpc = createClient(VoteService, createGrpcTransport({ baseUrl: proxy().grpcUrl }));
        const leave = new AbortController();
        const watched = grpc.watchResults({ contest: 'bandas' }, { signal: leave.signal })[Symbol.asyncIterator]();
        expect((await watched.next()).value?.results?.contest).toBe('bandas');
        const live = await fetch(`${proxy().httpUrl}/v1/contests/bandas/live`, {
          headers: { accept: 'text/event-stream' },
          signal: leave.signal,
        });
        const first = await live.body?.getReader().read();
        expect(Buffer.from(first?.value ?? []).toString()).toMatch(/^(event|data|retry|id): ?/);
        leave.abort();
      });
    });
  }
});

/** An HTTP/1.1 client with persistent connections. */
class Client implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** The status of the answer. */
  post(path: string, type: string, body: string, more: Readonly<Record<string, string>> = {}): Promise<number> {
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body), ...more };
    return new Promise((resolve, reject) => {
      const call = request(this.#url + path, { method: 'POST', agent: this.#agent, headers }, (answer) => {
        answer.resume().on('end', () => resolve(answer.statusCode ?? 0));
      });
      call.on('error', reject);
      call.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}
