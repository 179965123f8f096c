import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { Path, VoteBatchSchema } from '../proto/gen/votewire/v1/vote_pb.ts';
import { type RedisServer, startRedisServer } from '../start/redis-server.ts';
import { ensurePartition } from '../store/cluster-settings.ts';
import { openContestStore } from '../store/contests.ts';
import { listDeadLetters } from '../store/dead-letters.ts';
import { countedChannel, failuresKey, streamKey, TALLY_GROUP, tallyKey } from '../store/keys.ts';
import { type Ledger, readLedger } from '../store/ledger.ts';
import { openLogStore } from '../store/log/open-log-store.ts';
import { openRedis, type Redis } from '../store/redis.ts';
import { readSystem } from '../store/system.ts';

const PARTITIONS = 4;
const CLAIM_IDLE_MS = 400;

let dir: string;
let server: RedisServer;
let redis: Redis;
let consumers: ChildProcess[];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'votewire-consumer-'));
  server = await startRedisServer({ dir });
  redis = openRedis({ urls: [server.url], name: 'test' });
  await redis.whenReady();
  await using contests = await openContestStore({ redis, partitions: PARTITIONS });
  assert.ok(contests.get('cats-vs-dogs'));
  for (let partition = 0; partition < PARTITIONS; partition++) await ensurePartition(redis, partition);
  consumers = [];
});

afterEach(async () => {
  await Promise.all(consumers.map((child) => stop(child, 'SIGKILL')));
  await redis[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

function startConsumer(env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      ...process.env,
      REDIS_URL: server.url,
      DATA_DIR: dir,
      CLAIM_IDLE_MS: `${CLAIM_IDLE_MS}`,
      TRIM_KEEP_MS: '0',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  consumers.push(child);
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  if (signal === 'SIGKILL') child.kill('SIGCONT');
  await exited;
}

async function until<T>(what: string, check: () => Promise<T | undefined | false>, ms = 15_000): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const result = await check();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > deadline) {
      throw new Error(`not within ${ms} ms: ${what}; ${JSON.stringify(await readLedger(redis, PARTITIONS))}`);
    }
    await delay(20);
  }
}

let nextVoter = 0;

/** Writes one entry as an edge does. Voters are new ones unless named. */
async function write(votes: number, partition = nextVoter % PARTITIONS, contest = 'cats-vs-dogs'): Promise<string> {
  const batch = create(VoteBatchSchema, {
    path: Path.HTTP,
    edge: 'test',
    receivedAt: BigInt(Date.now()),
    votes: Array.from({ length: votes }, () => ({ contest, choice: 'cats', voter: `voter-${nextVoter++}` })),
  });
  return await writeRaw(partition, 'b', Buffer.from(toBinary(VoteBatchSchema, batch)));
}

async function writeRaw(partition: number, field: string, value: Buffer): Promise<string> {
  return await redis.send(streamKey(partition), ['XADD', streamKey(partition), '*', field, value]);
}

/** Waits until both groups are done with every entry, and checks that the ledger closes. */
async function atRest(votes: number): Promise<Ledger> {
  const ledger = await until(`${votes} votes counted and logged`, async () => {
    const now = await readLedger(redis, PARTITIONS);
    return now.open === 0 && now.votes.logged >= votes && now.votes.tallied >= votes && now;
  });
  assert.deepEqual(ledger.gaps, []);
  assert.equal(ledger.votes.tallied, votes);
  assert.equal(ledger.votes.logged, votes);
  return ledger;
}

test('what a consumer that was killed or paused left is taken over, and nothing counts twice', async () => {
  const [first, second, third] = [startConsumer(), startConsumer(), startConsumer()];
  let votes = 0;
  const writeSome = async (entries: number) => {
    for (let i = 0; i < entries; i++) await write(20);
    votes += entries * 20;
  };
  await writeSome(40);
  await until('the first votes', async () => (await readLedger(redis, PARTITIONS)).votes.tallied > 0);
  // Under load, so that something is on its way when it happens.
  const load = writeSome(400);
  await delay(30);
  second?.kill('SIGSTOP');
  first?.kill('SIGKILL');
  await load;
  // The count alone: a process that is paused inside a transaction of SQLite holds up the log until it wakes.
  await until('all counted', async () => (await readLedger(redis, PARTITIONS)).votes.tallied === votes);
  second?.kill('SIGCONT');
  await writeSome(40);
  await stop(third as ChildProcess, 'SIGTERM');
  await writeSome(40);
  const ledger = await atRest(votes);
  assert.equal(ledger.votes.counted, votes);
  await using log = await openLogStore({ mongodbUrl: undefined, dataDir: dir, logTtlDays: 0 });
  assert.equal((await log.totals()).votes, votes);
});

test('entries that were handed out to a consumer that never came back are taken over within the claim time', async () => {
  await write(7, 1);
  await redis.send(streamKey(1), ['XREADGROUP', 'GROUP', TALLY_GROUP, 'ghost', 'STREAMS', streamKey(1), '>']);
  startConsumer();
  await atRest(7);
  // The ghost has nothing left and never gave a sign of life: its name goes.
  await until('the ghost is gone', async () => {
    const { partitions } = await readSystem(redis, PARTITIONS);
    const names = partitions[1]?.groups.flatMap(({ consumers }) => consumers.map(({ name }) => name));
    return names?.includes('ghost') === false;
  });
});

test('a consumer that comes back under its name handles what it had, without waiting for the claim time', async () => {
  await write(5, 2);
  await redis.send(streamKey(2), ['XREADGROUP', 'GROUP', TALLY_GROUP, 'steady', 'STREAMS', streamKey(2), '>']);
  startConsumer({ CONSUMER_NAME: 'steady', CLAIM_IDLE_MS: '3600000' });
  await atRest(5);
});

test('poison becomes dead letters with reason and bytes, and holds up nobody; a replay counts what was healed', async () => {
  startConsumer({ MAX_DELIVERIES: '2', CLAIM_IDLE_MS: '200' });
  await write(1, 1);
  await atRest(1);
  const garbage = Buffer.from('garbage');
  await writeRaw(0, 'b', garbage);
  await writeRaw(0, 'b', Buffer.alloc(0));
  await writeRaw(0, 'wrong', garbage);
  await writeRaw(0, 'b', Buffer.from([0x22, 0x7f, 0x0a]));
  const told: string[] = [];
  await using listener = redis.duplicate('listener');
  await listener.whenReady();
  await listener.subscribe([countedChannel(0)], (message) => told.push(message));
  const ghostly = await write(3, 0, 'ghosts');
  await write(10, 0);
  await until('the good neighbours', async () => (await readLedger(redis, PARTITIONS)).votes.tallied >= 11, 3000);

  const letters = await until('five dead letters', async () => {
    const found = (await listDeadLetters(redis, 0)).filter(({ group }) => group === TALLY_GROUP);
    return found.length === 5 && found;
  });
  assert.deepEqual(letters[0]?.bytes, garbage);
  assert.equal(letters[2]?.field, 'wrong');
  const ghost = letters[4];
  assert.equal(ghost?.id, ghostly);
  assert.match(ghost?.reason ?? '', /ghosts/);
  assert.equal(ghost?.failures, 2);
  assert.ok((ghost?.deliveries ?? 0) >= 2);
  assert.ok(Date.parse(ghost?.lastFailure ?? '') > Date.parse(ghost?.firstFailure ?? ''));

  await until('who waits is told', async () => told.includes(`${ghostly} xxx`));
  await using contests = await openContestStore({ redis, partitions: PARTITIONS });
  const made = await contests.create({ id: 'ghosts', title: 'Ghosts', rule: 'open', options: [{ id: 'cats' }] });
  assert.equal(made.ok, true);
  assert.match(await deadLetters('replay', '--dry-run', `0/tally/${ghostly}`), /would be put back: 3 votes/);
  assert.equal((await listDeadLetters(redis, 0)).length, 9);
  assert.match(await deadLetters('show', `0/tally/${ghostly}`), /no rules for contest ghosts[\s\S]*"choice": "cats"/);
  assert.match(await deadLetters('replay', `0/tally/${ghostly}`), /is put back as/);
  await until('the healed votes', async () => {
    return (await redis.send(tallyKey(0, 'ghosts'), ['HGET', tallyKey(0, 'ghosts'), 'cats'])) === '3';
  });
  const ledger = await until('rest', async () => {
    const now = await readLedger(redis, PARTITIONS);
    return now.open === 0 && now;
  });
  assert.deepEqual(ledger.gaps, []);
  // Logged when it first came in, and not again.
  assert.equal(ledger.votes.logged, 14);
  assert.equal(ledger.entries.passedLog, 1);
  assert.match(await deadLetters('list'), /8 dead letters/);
});

test('a hash of one contest that holds what it must not stops that contest alone, until it is repaired', async () => {
  startConsumer({ MAX_DELIVERIES: '2', CLAIM_IDLE_MS: '200' });
  await write(1, 1);
  await atRest(1);
  await redis.send(tallyKey(0, 'bandas'), ['HSET', tallyKey(0, 'bandas'), 'cats', 'many']);
  for (let i = 0; i < 5; i++) {
    await write(2, 0, 'bandas');
    await write(3, 0);
  }
  const counted = async () =>
    Number(await redis.send(tallyKey(0, 'cats-vs-dogs'), ['HGET', tallyKey(0, 'cats-vs-dogs'), 'cats']));
  await until('the other contest', async () => (await counted()) === 15, 3000);
  const letters = await until('five dead letters', async () => {
    const found = await listDeadLetters(redis, 0);
    return found.length === 5 && found;
  });
  assert.match(letters[0]?.reason ?? '', /^CORRUPT \{p0\}:tally:bandas cats/);
  await redis.send(tallyKey(0, 'bandas'), ['HDEL', tallyKey(0, 'bandas'), 'cats']);
  await deadLetters('replay', 'all');
  await until('the replayed votes', async () => {
    return (await redis.send(tallyKey(0, 'bandas'), ['HGET', tallyKey(0, 'bandas'), 'cats'])) === '10';
  });
});

async function deadLetters(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'dead-letters.ts'), ...args], {
    env: { ...process.env, REDIS_URL: server.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  await once(child, 'close');
  return output;
}

test('an entry that ended one consumer after the other is put aside, and its neighbours are counted', async () => {
  const deadly = await write(1, 3);
  await write(9, 3);
  const key = streamKey(3);
  await redis.send(key, ['XREADGROUP', 'GROUP', TALLY_GROUP, 'ghost', 'STREAMS', key, '>']);
  // Handed out again and again, as when its consumers die; and the mark that the last two of them left.
  for (let i = 0; i < 4; i++) await redis.send(key, ['XREADGROUP', 'GROUP', TALLY_GROUP, 'ghost', 'STREAMS', key, '0']);
  await redis.send(failuresKey(3), ['HSET', failuresKey(3), `ended tally ${deadly}`, '2']);
  startConsumer({ MAX_DELIVERIES: '2' });
  const [letter] = await until('the dead letter', async () => {
    const letters = await listDeadLetters(redis, 3);
    return letters.length > 0 && letters;
  });
  assert.equal(letter?.id, deadly);
  assert.match(letter?.reason ?? '', /^2 consumers ended while/);
  await until('the neighbours', async () => (await readLedger(redis, PARTITIONS)).votes.tallied === 9);
  await until('no marks', async () => (await redis.send<number>(failuresKey(3), ['EXISTS', failuresKey(3)])) === 0);
});

test('a stream that was lost gets its groups and another epoch, and counting goes on', async () => {
  startConsumer();
  await write(4, 0);
  await atRest(4);
  const before = await redis.send<string>('{p0}:epoch', ['GET', '{p0}:epoch']);
  await redis.send(streamKey(0), ['DEL', streamKey(0), '{p0}:epoch', '{p0}:ledger']);
  await until(
    'the groups are back',
    async () => (await redis.send<number>(streamKey(0), ['EXISTS', streamKey(0)])) === 1,
  );
  await write(6, 0);
  await atRest(6);
  assert.notEqual(await redis.send<string>('{p0}:epoch', ['GET', '{p0}:epoch']), before);
});

test('Redis stops for a while, and is killed and comes back: nothing is lost', async () => {
  startConsumer();
  startConsumer();
  const votes = 1100;
  for (let i = 0; i < 50; i++) await write(10);
  server.process.kill('SIGSTOP');
  await delay(700);
  server.process.kill('SIGCONT');
  for (let i = 0; i < 50; i++) await write(10);
  const { port } = server;
  server.process.kill('SIGKILL');
  await once(server.process, 'exit');
  server = await startRedisServer({ dir, port });
  await redis.whenReady();
  for (let i = 0; i < 10; i++) await write(10);
  await atRest(votes);
});

test('SIGTERM ends a consumer within 5 s, with nothing pending and its name gone', async () => {
  const child = startConsumer();
  for (let i = 0; i < 100; i++) await write(50);
  await until('the first votes', async () => (await readLedger(redis, PARTITIONS)).votes.tallied > 0);
  const start = performance.now();
  await stop(child, 'SIGTERM');
  assert.ok(performance.now() - start < 5000);
  assert.equal(child.exitCode, 0);
  const { consumers: left, groups } = await readSystem(redis, PARTITIONS);
  assert.deepEqual(left, []);
  assert.deepEqual(
    groups.map(({ pending }) => pending),
    [0, 0],
  );
});

test('streams are trimmed once both groups are done, and not before', async () => {
  const tallyOnly = startConsumer({ CONSUMER_GROUPS: 'tally' });
  for (let i = 0; i < 40; i++) await write(5);
  await until('all counted', async () => (await readLedger(redis, PARTITIONS)).votes.tallied === 200);
  const lengths = async () => {
    const { partitions } = await readSystem(redis, PARTITIONS);
    return partitions.reduce((sum, { length }) => sum + length, 0);
  };
  // More than one round of trimming by the consumer that counts.
  await delay(1500);
  assert.equal(await lengths(), 40);
  startConsumer({ CONSUMER_GROUPS: 'log' });
  await until('trimmed', async () => (await lengths()) === 0);
  await atRest(200);
  assert.equal(tallyOnly.exitCode, null);
});
