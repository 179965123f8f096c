import { once } from 'node:events';
import { createServer, type Http2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { GRPC_REPLY } from '../baselines/fixed-reply.ts';
import { lost } from './channels/channel.ts';
import type { DriverJob } from './job.ts';
import { LoadGenerator } from './load-generator.ts';
import { makePool } from './pool.ts';
import { Recorder } from './recorder.ts';
import { prepareJob } from './run-job.ts';

/** Like a proxy, the server ends each connection after this many requests. */
const REQUESTS_A_CONNECTION = 40;

const job = (port: number): DriverJob => ({
  url: `http://127.0.0.1:${port}`,
  transport: 'grpc',
  encoding: 'protobuf',
  shape: { kind: 'single' },
  connections: 2,
  streams: 4,
  workload: { contest: 'bandas', rule: 'open', options: ['alux-nahual'], seed: 1 },
  warmupMs: 100,
  watch: [],
});

test('after GOAWAY the driver opens a new connection, and every vote is accounted for', async () => {
  const requests = new Map<Http2Session, number>();
  const server = createServer();
  server.on('session', (session) => requests.set(session, 0));
  server.on('stream', (stream) => {
    const { session } = stream;
    stream.resume();
    stream.on('error', () => stream.close());
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(GRPC_REPLY);
    if (session === undefined) return;
    const count = (requests.get(session) ?? 0) + 1;
    requests.set(session, count);
    if (count === REQUESTS_A_CONNECTION) session.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const prepared = await prepareJob(job((server.address() as AddressInfo).port));
    const { total, failures } = await prepared.measure({ load: { kind: 'closed' }, measureMs: 500 });
    prepared.close();
    expect(total.offered).toBe(total.acknowledged + total.failed + total.unknown);
    expect(requests.size, `${requests.size} connections`).toBeGreaterThan(4);
    expect(total.acknowledged, `${total.acknowledged} acknowledged`).toBeGreaterThan(4 * REQUESTS_A_CONNECTION);
    for (const { reason } of failures) expect(reason).toMatch(/GOAWAY|connection closed/);
  } finally {
    for (const session of requests.keys()) session.destroy();
    server.close();
  }
});

test('an unanswered request counts with the time that it waited', async () => {
  const recorder = new Recorder();
  const once = { ...job(1), connections: 1, streams: 1 };
  const generator = new LoadGenerator(once, makePool({ ...once, requests: 1 }), recorder);
  const waitMs = 80;
  generator.addChannel({
    capacity: 1,
    bytesIn: 0,
    bytesOut: 0,
    send: (_index, token) => void setTimeout(() => generator.onReply(token, lost(1, 'connection closed')), waitMs),
    close: () => undefined,
  });
  generator.beginWindow();
  generator.startClosed();
  await delay(waitMs / 2);
  generator.endWindow();
  await generator.drain(5000);
  const { corrected } = recorder.latencies;
  expect(corrected.max, `${corrected.max} us`).toBeGreaterThanOrEqual(waitMs * 1000 * 0.95);
  expect(recorder.total.unknown).toBe(1);
});
