import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@connectrpc/connect';
import { createGrpcTransport } from '@connectrpc/connect-node';
import { expect, test } from 'vitest';
import { VoteService } from '../proto/gen/votewire/v1/service_pb.ts';
import { freePort, startRedisServer } from '../supervisor/redis/redis-server.ts';
import { waitFor } from '../tests/support/wait-for.ts';
import { type EdgeProcess, startEdgeProcess } from './testing/edge-process.ts';

/** 2 s here, 20 s in deploy/, where clients are promised a new connection within 30 s. */
const AGE_SECONDS = 2;
const SPREAD_MS = 15_000;

for (const ingress of ['direct', 'framework']) {
  test(`a long-lived gRPC client finds a new edge behind a balancer of connections (INGRESS=${ingress})`, async () => {
    await using cleanUp = new AsyncDisposableStack();
    const dir = await mkdtemp(join(tmpdir(), 'votewire-age-'));
    cleanUp.defer(() => rm(dir, { recursive: true, force: true }));
    const redis = cleanUp.use(await startRedisServer({ dir, port: await freePort() }));
    const startEdge = async () =>
      cleanUp.use(
        await startEdgeProcess('node', {
          ...{ REDIS_URL: redis.url, DATA_DIR: dir, HOST: '127.0.0.1', INGRESS: ingress },
          MAX_CONNECTION_AGE_SECONDS: `${AGE_SECONDS}`,
        }),
      );
    const old = await startEdge();
    const balancer = cleanUp.use(await startBalancer(old));
    // This client never closes an idle connection itself.
    const transport = createGrpcTransport({ baseUrl: balancer.url, idleConnectionTimeoutMs: 600_000 });
    const client = createClient(VoteService, transport);
    const answered: boolean[] = [];
    const stopping = new AbortController();
    const vote = { contest: 'cats-vs-dogs', choice: 'cats' };
    const voting = Array.from({ length: 8 }, async (_, worker) => {
      for (let n = 0; !stopping.signal.aborted; n++) {
        const voter = `voter-${worker}-${n}`;
        const cast = () => client.castVote({ vote: { ...vote, voter } });
        // Retries like gRPC's own clients: a call that crossed the GOAWAY was refused unprocessed (RFC 9113, 8.7).
        const repeated = cast().catch((error: unknown) => (isRefused(error) ? cast() : Promise.reject(error)));
        answered.push(
          await repeated.then(
            () => true,
            () => false,
          ),
        );
      }
    });
    await waitFor(() => answered.length > 20);
    const added = await startEdge();
    // Like a new endpoint of a Service: the balancer uses it for new connections, but the client's connection stays.
    balancer.replace(added);
    await waitFor(async () => (await acceptedVotes(added)) > 20, {
      timeoutMs: SPREAD_MS,
      what: 'the new edge has votes',
    });
    stopping.abort();
    await Promise.all(voting);
    expect(answered.filter((ok) => !ok)).toStrictEqual([]);
  });
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && error.message.includes('NGHTTP2_REFUSED_STREAM');
}

async function acceptedVotes(edge: EdgeProcess): Promise<number> {
  const metrics = await (await fetch(`${edge.httpUrl}/metrics`)).text();
  return [...metrics.matchAll(/^votewire_votes_accepted_total(?:\{.*\})? (\d+)$/gm)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

/** Passes each new connection to the current edge, like a Kubernetes Service. */
async function startBalancer(edge: EdgeProcess) {
  let target = Number(new URL(edge.httpUrl).port);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect({ port: target, host: '127.0.0.1' });
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    replace(next: EdgeProcess) {
      target = Number(new URL(next.httpUrl).port);
    },
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
