import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EdgeSystem, startEdgeSystem } from '../../targets/edge-system.ts';
import type { Shape, Transport } from '../job.ts';
import { makeJob } from '../make-job.ts';
import { prepareJob } from '../run-job.ts';

const UNPINNED = { server: undefined, driver: undefined, redis: undefined, consumer: undefined };

const CASES: [Transport, Shape, streams: number][] = [
  ['http1', { kind: 'single' }, 1],
  ['http2', { kind: 'single' }, 8],
  ['grpc', { kind: 'single' }, 8],
  ['connect', { kind: 'single' }, 8],
  ['http1', { kind: 'batch', size: 100 }, 1],
  ['http2', { kind: 'batch', size: 10 }, 4],
  // 10,000 votes are half a megabyte, more than the server's window for a stream.
  ['grpc', { kind: 'batch', size: 10_000 }, 2],
  ['connect', { kind: 'batch', size: 10 }, 4],
  ['grpc', { kind: 'stream', size: 1 }, 64],
  ['grpc', { kind: 'stream', size: 100 }, 8],
];

describe('acknowledged = stored = counted on every transport and shape', () => {
  let system: EdgeSystem;
  let acknowledged = 0;

  beforeAll(async () => {
    system = await startEdgeSystem({ runtime: 'node', codec: 'wasm', transport: 'http1', placement: UNPINNED });
    acknowledged = system.acknowledgedBefore;
  });
  afterAll(() => system[Symbol.asyncDispose]());

  test.each(CASES)('%s, %o', async (transport, shape, streams) => {
    const job = makeJob(system, 'bandas', { transport, connections: 2, streams, shape, warmupMs: 50 });
    const prepared = await prepareJob(job);
    acknowledged += (await prepared.warmUp()).acknowledged;
    const window = { load: { kind: 'closed' }, measureMs: 250 } as const;
    const { total, failures, usage, bytesIn, bytesOut } = await prepared.measure(window);
    prepared.close();
    acknowledged += total.acknowledged;
    expect(total.acknowledged).toBeGreaterThan(0);
    expect(failures).toStrictEqual([]);
    expect([total.failed, total.unknown]).toStrictEqual([0, 0]);
    expect(bytesIn).toBeGreaterThan(0);
    expect(bytesOut).toBeGreaterThan(0);
    if (process.platform === 'linux') expect(usage[0]?.cpuSeconds ?? 0).toBeGreaterThan(0);
    const audit = await system.storage.audit();
    const all = { stored: acknowledged, counted: acknowledged, shown: acknowledged, due: acknowledged };
    expect(audit).toStrictEqual({ ...all, trimmed: 0, stuck: '' });
  });
});
