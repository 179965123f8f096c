import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { BatchDecoder } from '../../consumer/handlers/batch-decoder.ts';
import { Path, VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { openContestStore } from '../../store/contests/open-contest-store.ts';
import { ensurePartition } from '../../store/deployment/partition.ts';
import { readLedger } from '../../store/monitoring/ledger.ts';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { listOf, parseBytes, parseText, tupleOf } from '../../store/redis/replies.ts';
import { parseEntryId } from '../../store/streams/entry-id.ts';
import { streamKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import { type TallyEntry, TallyPacker, tallyScript } from '../../store/tally/tally.ts';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { printHelp } from '../../tools/print-help.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { VoterKeys } from '../../wasm/mac/voter-key.ts';
import { readCpuSeconds } from '../load/process-usage.ts';
import { median } from '../statistics/median.ts';
import { startChild } from '../targets/process/child.ts';
import { ROOT } from '../targets/process/runtimes.ts';

const USAGE = `npm run bench:tally [-- VOTES [VOTES_PER_ENTRY]]   the cost of counting; default 400000 votes, 500 per entry

Compares one consumer process with bare EVALSHA of the same script and prepared arguments, on the same votes. Targets: at
least half of the bare rate, and at most 4 CPU-seconds per million votes for tally and log together.`;

printHelp(USAGE);

const VOTES = Number(process.argv[2] ?? 400_000);
const PER_ENTRY = Number(process.argv[3] ?? 500);
const PARTITIONS = 4;
const ROUNDS = 3;

const parseRead = tupleOf(parseBytes, listOf(tupleOf(parseBytes, listOf(parseBytes))));

interface Measured {
  readonly votesPerSecond: number;
  /** CPU-seconds per million votes. */
  readonly cpu: number;
  readonly redisCpu: number;
}

const dir = mkdtempSync(join(tmpdir(), 'votewire-bench-tally-'));
let failed = false;
try {
  const variants = ['bare EVALSHA', 'tally', 'log (SQLite)', 'tally and log'] as const;
  const results = new Map<string, Measured[]>(variants.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of round % 2 === 0 ? variants : variants.toReversed())
      results.get(name)?.push(await measure(name, round));
  }
  console.log('| | votes/s | CPU-s per million votes | Redis beside it |\n|---|---|---|---|');
  const medianOf = (name: string, what: keyof Measured) => median((results.get(name) ?? []).map((row) => row[what]));
  for (const name of variants) {
    const [rate, cpu, redisCpu] = [medianOf(name, 'votesPerSecond'), medianOf(name, 'cpu'), medianOf(name, 'redisCpu')];
    console.log(`| ${name} | ${Math.round(rate).toLocaleString('en')} | ${cpu.toFixed(2)} | ${redisCpu.toFixed(2)} |`);
  }
  const share = medianOf('tally', 'votesPerSecond') / medianOf('bare EVALSHA', 'votesPerSecond');
  failed = missed('tally / bare EVALSHA', share, share >= 0.5, 'at least 0.5') || failed;
  const cpu = medianOf('tally and log', 'cpu');
  failed = missed('CPU-s per million, tally and log', cpu, cpu <= 4, 'at most 4') || failed;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
process.exitCode = failed ? 1 : 0;

function missed(name: string, value: number, held: boolean, allowed: string): boolean {
  console.log(`${held ? 'met   ' : 'MISSED'} ${name}: ${value.toFixed(2)} (${allowed})`);
  return !held;
}

async function measure(name: string, round: number): Promise<Measured> {
  const home = join(dir, `${name.replaceAll(/\W/g, '-')}-${round}`);
  await using server = await startRedisServer({ dir: home, args: ['--appendonly', 'no'] });
  await using redis = openRedis({ urls: [server.url], name: 'bench' });
  await redis.whenReady();
  await using contests = await openContestStore({ redis, partitions: PARTITIONS });
  for (let partition = 0; partition < PARTITIONS; partition++) await ensurePartition(redis, partition);
  await fill(redis);
  const redisBefore = cpuSeconds(server.process.pid);
  const redisCpu = () => ((cpuSeconds(server.process.pid) - redisBefore) / VOTES) * 1e6;
  if (name === 'bare EVALSHA') {
    const calls = await prepare(redis, (contest) => contests.get(contest)?.rule);
    const before = process.cpuUsage();
    const start = performance.now();
    // A few at a time, as a consumer has them in flight.
    for (let at = 0; at < calls.length; at += PARTITIONS) {
      await Promise.all(
        calls.slice(at, at + PARTITIONS).map(({ keys, args }) => tallyScript.run(redis, keys, args, parseText)),
      );
    }
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(before);
    await assertCounted(redis);
    return { votesPerSecond: VOTES / seconds, cpu: (user + system) / VOTES, redisCpu: redisCpu() };
  }
  return await runConsumer(redis, { url: server.url, home, groups: name }, redisCpu);
}

async function runConsumer(
  redis: Redis,
  where: { url: string; home: string; groups: string },
  redisCpu: () => number,
): Promise<Measured> {
  const groups = where.groups === 'tally' ? 'tally' : where.groups === 'tally and log' ? 'tally,log' : 'log';
  const env = {
    REDIS_URL: where.url,
    DATA_DIR: where.home,
    CONSUMER_GROUPS: groups,
    TRIM_KEEP_MS: '60000',
  };
  const command = [process.execPath, `${ROOT}/consumer/main.ts`];
  await using child = await startChild({ command, env, core: undefined });
  const done = async () => {
    const { votes } = await readLedger(redis, PARTITIONS);
    return (groups === 'log' || votes.tallied === VOTES) && (groups === 'tally' || votes.logged === VOTES);
  };
  // From the first vote on: a process that starts compiles first, whatever it has to do.
  while ((await readLedger(redis, PARTITIONS)).votes[groups === 'log' ? 'logged' : 'tallied'] === 0) await delay(5);
  const first = (await readLedger(redis, PARTITIONS)).votes[groups === 'log' ? 'logged' : 'tallied'];
  const start = performance.now();
  const before = cpuSeconds(child.pid);
  while (!(await done())) await delay(20);
  const seconds = (performance.now() - start) / 1000;
  const cpu = cpuSeconds(child.pid) - before;
  const redisPart = redisCpu();
  const votes = VOTES - first;
  return { votesPerSecond: votes / seconds, cpu: (cpu / votes) * 1e6, redisCpu: redisPart };
}

async function fill(redis: Redis): Promise<void> {
  const writes: Promise<unknown>[] = [];
  for (let first = 0, entry = 0; first < VOTES; first += PER_ENTRY, entry++) {
    const votes = Array.from({ length: PER_ENTRY }, (_, i) => ({
      contest: 'cats-vs-dogs',
      choice: i % 3 === 0 ? 'dogs' : 'cats',
      voter: `voter-${first + i}`,
    }));
    const batch = create(VoteBatchSchema, { path: Path.HTTP, edge: 'bench', receivedAt: BigInt(Date.now()), votes });
    const key = streamKey(entry % PARTITIONS);
    writes.push(redis.send(key, ['XADD', key, '*', 'b', Buffer.from(toBinary(VoteBatchSchema, batch))]));
  }
  await Promise.all(writes);
}

async function prepare(redis: Redis, ruleOf: (contest: string) => 'one-per-voter' | 'open' | undefined) {
  const packer = new TallyPacker({ voteIdWindowHours: 24, ruleOf, consumer: 'bench' });
  const decoder = new BatchDecoder(new VoterKeys(loadModule('mac'), Buffer.alloc(32)), { withAttributes: false });
  const calls: { keys: string[]; args: (string | Buffer)[] }[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const key = streamKey(partition);
    const command = ['XREADGROUP', 'GROUP', TALLY_GROUP, 'bench', 'COUNT', '1000000', 'STREAMS', key, '>'];
    const [, rows] = await redis.sendBytes(key, command, parseRead);
    const entries = rows.map(([id, fields]): TallyEntry => {
      const batch = decoder.decode(fields[1] ?? Buffer.alloc(0));
      const own = parseEntryId(id.toString());
      if (typeof batch === 'string' || own === undefined)
        throw new Error('the bench wrote an entry that cannot be read');
      return { id: own, position: own, notify: false, votes: batch.votes };
    });
    // As many entries a call as the tally takes.
    const most = Math.max(1, Math.min(64, Math.floor(1024 / PER_ENTRY)));
    for (let at = 0; at < entries.length; at += most) calls.push(packer.pack(partition, entries.slice(at, at + most)));
  }
  return calls;
}

async function assertCounted(redis: Redis): Promise<void> {
  const { votes } = await readLedger(redis, PARTITIONS);
  if (votes.counted !== VOTES) throw new Error(`${votes.counted} of ${VOTES} votes were counted`);
}

/** NaN if this system does not report the CPU time of other processes. */
function cpuSeconds(pid = 0): number {
  return readCpuSeconds(pid) ?? Number.NaN;
}
