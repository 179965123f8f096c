import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import { readCpuSeconds } from '../load/process-usage.ts';
import type { LimitCost } from '../report/report.ts';
import { estimate } from '../statistics/median.ts';
import { type Placement, pin } from '../targets/process/placement.ts';
import { CODEC_BENCH_TABLE, type CodecCase, codecCases } from './codec-workload.ts';

const SLICE_MS = 200;
/** Commands per write to Redis, as many as the edge has in flight at 64 connections. */
const PIPELINED = 64;
const COPIES_BETWEEN_READINGS = 512;

/**
 * Measures the minimum work of any server: copying the request's bytes once (CPU time of this process), and storing the
 * encoded votes with one XADD (CPU time of Redis, with its append-only file).
 *
 * @throws {Error} if Redis does not start
 */
export async function measureLimits({ redis: core }: Placement, rounds: number): Promise<LimitCost[]> {
  const cases = codecCases().filter(({ name }) => name === 'JSON' || name === 'NDJSON of 500');
  await using started = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'votewire-limits-'));
  started.defer(() => rm(dir, { recursive: true, force: true }));
  const redis = started.use(await startRedisServer({ dir }));
  const pid = redis.process.pid ?? 0;
  pin(core, pid);
  const socket = connect({ port: redis.port, host: '127.0.0.1', noDelay: true });
  started.defer(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  const costs: LimitCost[] = [];
  for (const work of cases) {
    const copied = Array.from({ length: rounds + 1 }, () => copyCost(work)).slice(1);
    const stored: number[] = [];
    for (let round = 0; round <= rounds; round++) stored.push(await storeCost(work, socket, pid));
    const summed = (limit: string, values: readonly number[]) => ({
      limit,
      work: work.name,
      cpuSecondsPerMillion: estimate(values),
      rounds,
    });
    costs.push(summed('copy of the request', copied), summed('XADD in Redis', stored.slice(1)));
  }
  return costs;
}

/** CPU-seconds per million votes. */
function copyCost({ bodies, votes }: CodecCase): number {
  const target = new Uint8Array(Math.max(...bodies.map((body) => body.length)));
  const cpuMs = () => process.cpuUsage().user / 1000;
  const start = cpuMs();
  let copies = 0;
  let elapsed = 0;
  while (elapsed < SLICE_MS / 4) {
    for (let at = 0; at < COPIES_BETWEEN_READINGS; at++) target.set(bodies[at % bodies.length] as Uint8Array);
    copies += COPIES_BETWEEN_READINGS;
    elapsed = cpuMs() - start;
  }
  return (elapsed * 1000) / (copies * votes);
}

/** CPU-seconds of Redis per million votes. */
async function storeCost(work: CodecCase, socket: Socket, pid: number): Promise<number> {
  const commands = storeCommands(work);
  const before = readCpuSeconds(pid) ?? Number.NaN;
  const startedAt = performance.now();
  let stored = 0;
  while (performance.now() - startedAt < SLICE_MS) {
    await sendPipelined(socket, commands);
    stored += PIPELINED * work.votes;
  }
  return (((readCpuSeconds(pid) ?? Number.NaN) - before) / stored) * 1e6;
}

/** One XADD for each of the first bodies, encoded like the edge. */
function storeCommands({ call, bodies }: CodecCase): Buffer {
  const codec = new WasmCodec(loadModule('codec'));
  codec.configure(CODEC_BENCH_TABLE);
  return Buffer.concat(
    Array.from({ length: PIPELINED }, (_, at) => {
      const { bytes, ends, count } = codec[call](bodies[at % bodies.length] as Uint8Array);
      const entry = Buffer.from(bytes.subarray(0, ends[count - 1]));
      const head = `*5\r\n$4\r\nXADD\r\n$5\r\nvotes\r\n$1\r\n*\r\n$1\r\nb\r\n$${entry.length}\r\n`;
      return Buffer.concat([Buffer.from(head), entry, Buffer.from('\r\n')]);
    }),
  );
}

/** Sends the commands in one write; resolves when each is answered with an entry id: `$<length>\r\n<id>\r\n`. */
async function sendPipelined(socket: Socket, commands: Buffer): Promise<void> {
  socket.write(commands);
  for (let lines = 0; lines < 2 * PIPELINED; ) {
    const [reply] = (await once(socket, 'data')) as [Buffer];
    if (reply[0] === 0x2d) throw new Error(`Redis answered ${reply.toString('latin1').split('\r\n', 1)[0]}`);
    for (const byte of reply) if (byte === 0x0a) lines++;
  }
}
