import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { createClient } from 'redis';
import { assert, expect, test } from 'vitest';
import { VoteBatchSchema } from '../proto/gen/votewire/v1/vote_pb.ts';
import { ledgerKey, streamKey, tallyKey } from '../store/streams/keys.ts';
import { startRedisServer } from '../supervisor/redis/redis-server.ts';
import { makeCell } from './cells/cell.ts';
import { buildReport } from './report/build-report.ts';
import { readEnvironment } from './report/environment.ts';
import type { Report } from './report/report.ts';
import { runCells } from './runner/run-cells.ts';
import { StreamAudit } from './targets/audit/stream-audit.ts';
import type { System } from './targets/system.ts';

type Sabotage = 'none' | 'forget' | 'fail-half' | 'store-twice' | 'no-receipt' | 'show-nothing';

const UNPINNED = { server: undefined, driver: undefined, redis: undefined, consumer: undefined };
const BATCH = Buffer.from(toBinary(VoteBatchSchema, create(VoteBatchSchema, { votes: [{ contest: 'bandas' }] })));

/** A server that stores and counts votes, except for its sabotage. */
async function startServer(redisUrl: string, sabotage: Sabotage): Promise<System> {
  await using started = new AsyncDisposableStack();
  const redis = createClient({ url: redisUrl });
  await redis.connect();
  started.defer(() => redis.destroy());
  let requests = 0;
  const store = async () => {
    const commands = redis.multi().xAdd(streamKey(0), '*', { b: BATCH }).hIncrBy(ledgerKey(0), 'counted', 1);
    if (sabotage !== 'show-nothing') commands.hIncrBy(tallyKey(0, 'bandas'), 'alux-nahual', 1);
    await commands.exec();
  };
  const answer = async (_request: IncomingMessage, response: ServerResponse) => {
    requests++;
    if (sabotage === 'fail-half' && requests % 2 === 0) return response.writeHead(422).end('{"code":"wrong_type"}');
    if (sabotage !== 'forget') await store();
    if (sabotage === 'store-twice') await store();
    return response.writeHead(202).end(sabotage === 'no-receipt' ? '{}' : '{"receipt":"r","status":"queued"}');
  };
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => void answer(request, response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  started.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const audit = started.use(await StreamAudit.connect(redisUrl, 1));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const owned = started.move();
  return {
    url,
    watch: [],
    coldStartMs: 0,
    acknowledgedBefore: 0,
    storage: {
      counted: (votes) => audit.counted(votes, 200),
      audit: () => audit.settle(200),
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function benchReport(sabotage: Sabotage): Promise<Report> {
  const dir = await mkdtemp(join(tmpdir(), 'votewire-sabotage-'));
  try {
    await using redis = await startRedisServer({ dir });
    const cells = [makeCell('sabotage', { transport: 'http1', connections: 4 })];
    const outcome = await runCells({
      blocks: [{ name: 'sabotage', question: '', passes: 1, windows: 1, cells }],
      warmupMs: 100,
      measureMs: 1000,
      placement: UNPINNED,
      together: true,
      startSystem: () => startServer(redis.url, sabotage),
      signal: new AbortController().signal,
      onBlock: () => undefined,
    });
    const settings = {
      rounds: 1,
      windows: 1,
      warmupMs: 100,
      measureMs: 1000,
      quick: true,
      interrupted: false,
      cutShort: false,
      cpuPrice: 0,
    } as const;
    const environment = readEnvironment(UNPINNED);
    return buildReport({
      createdAt: new Date(),
      cells,
      outcome,
      freshness: [],
      codecs: [],
      limits: [],
      settings,
      environment,
    });
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

test('a server that stores and counts each vote once gives a valid run', async () => {
  const report = await benchReport('none');
  expect(report.invalid).toStrictEqual([]);
  expect(report.valid).toBe(true);
  const [row] = report.rows;
  assert(row !== undefined);
  expect(row.acknowledged).toBeGreaterThan(100);
  expect(row.acknowledged).toBe(row.stored);
  expect(row.stored).toBe(row.counted);
});

const caught: [Sabotage, RegExp][] = [
  ['forget', /votes acknowledged, only 0 in the stream/],
  ['fail-half', /votes were not acknowledged \(HTTP 422 wrong_type\)/],
  ['store-twice', /votes in the stream, only \d+ acknowledged/],
  ['show-nothing', /votes count by the ledger, the contests show 0/],
  ['no-receipt', /nothing was acknowledged \(HTTP 202, no receipt\)/],
];
for (const [sabotage, reason] of caught) {
  test(`detects sabotage: ${sabotage}`, async () => {
    const report = await benchReport(sabotage);
    expect(report.valid).toBe(false);
    expect(
      report.invalid.some((text) => reason.test(text)),
      report.invalid.join('\n'),
    ).toBeTruthy();
    expect(report.rows[0]?.valid).toBe(false);
    expect(
      report.verdict.some(({ kind }) => kind === 'headline' || kind === 'path'),
      'no verdict from it',
    ).toBeFalsy();
  });
}
