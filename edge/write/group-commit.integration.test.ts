import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { assert, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from '../../config/config-error.ts';
import { VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { ensurePartition } from '../../store/deployment/partition.ts';
import type { Redis } from '../../store/redis/redis.ts';
import { listOf, parseArray, parseBytes, tupleOf } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import { type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { useTestRedis } from '../../tests/support/test-redis.ts';
import { waitFor } from '../../tests/support/wait-for.ts';
import { ANY_PARTITION, type EncodedVotes } from '../../wasm/codec.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';
import type { ProducerConfig } from '../config.ts';
import { Transport } from '../vote/transport.ts';
import { openDurability } from './durability.ts';
import { EntryWriter } from './entry-writer.ts';
import { GroupCommit } from './group-commit.ts';
import type { BatchOutcome, SubmitOutcome } from './submit.ts';

const PARTITIONS = 4;
const CONFIG: ProducerConfig = {
  durability: 'memory',
  minReplicas: 1,
  maxBacklog: 1000,
  maxBufferBytes: 16 << 20,
  writeTimeoutMs: 500,
};

describe('the group commit', () => {
  const codec = new TsCodec();
  codec.configure({
    partitions: PARTITIONS,
    contests: [
      { id: 'one', rule: 'one-per-voter', options: ['a', 'b'] },
      { id: 'open', rule: 'open', options: ['a'] },
    ],
  });

  let redis: Redis;
  let server: RedisServer;
  useTestRedis((started) => {
    ({ redis, server } = started);
  });
  beforeEach(async () => {
    await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory', '0']);
    await redis.send(undefined, ['FLUSHALL']);
    for (let partition = 0; partition < PARTITIONS; partition++) await ensurePartition(redis, partition);
  });

  async function open(options: {
    config?: Partial<ProducerConfig>;
    backlogged?: (partition: number) => boolean;
    onEpoch?: (partition: number, epoch: string) => void;
  }): Promise<GroupCommit> {
    const config = { ...CONFIG, ...options.config };
    await using opened = new AsyncDisposableStack();
    const own = opened.use(redis.duplicate('groupCommit'));
    await own.whenReady();
    const durability = await openDurability(own, config);
    opened.move();
    const { backlogged = () => false, onEpoch = () => undefined } = options;
    const clock = { now: Date.now, observe: () => undefined };
    const repair = async () => {
      for (let p = 0; p < PARTITIONS; p++) onEpoch(p, await ensurePartition(redis, p));
    };
    const writer = new EntryWriter({ redis: own, config, durability, deployment: { ready: true, repair }, clock });
    return new GroupCommit({
      writer,
      partitions: PARTITIONS,
      edge: 'test',
      maxBufferBytes: config.maxBufferBytes,
      backlogged,
    });
  }

  const encode = (votes: object[]): EncodedVotes =>
    codec.encodeNdjson(Buffer.from(votes.map((vote) => JSON.stringify(vote)).join('\n')));
  const voters = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ contest: 'one', choice: 'a', voter: `voter-${i}` }));
  const batch = (groupCommit: GroupCommit, votes: object[], skipped?: Uint8Array): Promise<BatchOutcome> =>
    new Promise((resolve) => {
      groupCommit.submitBatch(
        { transport: Transport.HTTP, encoded: encode(votes), ...(skipped && { skipped }) },
        resolve,
      );
    });
  const one = (groupCommit: GroupCommit, vote: object, notify = false): Promise<SubmitOutcome> =>
    new Promise((resolve) => {
      const { bytes, ends, partition } = encode([vote]);
      const place = { transport: Transport.HTTP, partition: partition[0] as number, notify };
      groupCommit.submit({ ...place, bytes, end: ends[0] as number }, resolve);
    });
  const entries = async (partition: number) => {
    const key = streamKey(partition);
    const rows = await redis.sendBytes(key, ['XRANGE', key, '-', '+'], listOf(tupleOf(parseBytes, listOf(parseBytes))));
    return rows.map(([id, fields]) => ({
      id: id.toString(),
      field: String(fields[0]),
      batch: fromBinary(VoteBatchSchema, fields[1] ?? Buffer.alloc(0)),
    }));
  };

  test('writes the votes of one turn together, each with its place', async () => {
    await using groupCommit = await open({});
    const outcomes = await Promise.all(voters(300).map((vote, i) => one(groupCommit, vote, i === 7)));
    let stored = 0;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const rows = await entries(partition);
      expect(rows.length, 'one entry per partition').toBe(1);
      stored += rows[0]?.batch.votes.length ?? 0;
      expect(rows[0]?.field).toBe('b');
    }
    expect(stored).toBe(300);
    for (const [i, outcome] of outcomes.entries()) {
      assert(outcome.status === 'stored');
      const [row] = await entries(outcome.partition);
      expect(row?.id).toBe(outcome.entryId);
      expect(row?.batch.votes[outcome.index]?.voter).toBe(`voter-${i}`);
      if (i === 7) expect(row?.batch.notify).toBe(true);
    }
    expect(groupCommit.bufferedBytes).toBe(0);
  });

  test('entries hold at most 512 votes and 64 KiB', async () => {
    await using groupCommit = await open({});
    const outcome = await batch(groupCommit, voters(10_000));
    expect(outcome.stored).toBe(10_000);
    const attributes = { a: 'x'.repeat(128), b: 'y'.repeat(128), c: 'z'.repeat(128) };
    await batch(
      groupCommit,
      voters(1500).map((vote) => ({ ...vote, attributes })),
    );
    let votes = 0;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const key = streamKey(partition);
      for (const [, fields] of await redis.sendBytes(
        key,
        ['XRANGE', key, '-', '+'],
        listOf(tupleOf(parseBytes, listOf(parseBytes))),
      )) {
        const { length } = fromBinary(VoteBatchSchema, fields[1] ?? Buffer.alloc(0)).votes;
        expect(length <= 512 && (fields[1]?.length ?? 0) <= 65_536).toBeTruthy();
        votes += length;
      }
    }
    expect(votes).toBe(11_500);
  });

  test('votes without a partition go to one partition at a time, and to all in turn', async () => {
    await using groupCommit = await open({});
    const vote = { contest: 'open', choice: 'a', voter: 'ana' };
    expect(encode([vote]).partition[0]).toBe(ANY_PARTITION);
    const used = new Set<number>();
    for (let i = 0; i < PARTITIONS; i++) {
      const outcomes = await Promise.all([one(groupCommit, vote), one(groupCommit, vote), one(groupCommit, vote)]);
      const places = new Set(outcomes.map((outcome) => (outcome.status === 'stored' ? outcome.partition : -1)));
      expect(places.size).toBe(1);
      used.add([...places][0] ?? -1);
    }
    expect(used.size).toBe(PARTITIONS);
  });

  test('omits skipped votes of a batch', async () => {
    await using groupCommit = await open({});
    const skipped = Uint8Array.from({ length: 100 }, (_, i) => i % 2);
    expect((await batch(groupCommit, voters(100), skipped)).stored).toBe(50);
    const names = (await Promise.all([0, 1, 2, 3].map(entries))).flat().flatMap(({ batch: { votes } }) => votes);
    expect(names.length).toBe(50);
    expect(names.every(({ voter }) => Number(voter.slice(6)) % 2 === 0)).toBeTruthy();
  });

  test('rejects votes beyond its limits, and reports which ones of a batch', async () => {
    await using small = await open({ config: { maxBufferBytes: 8192 } });
    const outcomes = await Promise.all(
      voters(2000).map((vote) => one(small, { ...vote, attributes: { a: 'x'.repeat(100) } })),
    );
    const rejected = outcomes.filter(({ status }) => status === 'rejected');
    expect(rejected.length > 0 && rejected.length < 2000).toBeTruthy();
    expect(rejected[0]).toStrictEqual({ status: 'rejected', reason: 'overloaded' });
    expect((await one(small, voters(1)[0] ?? {})).status).toBe('stored');

    await using full = await open({ backlogged: (partition) => partition === 2 });
    const votes = voters(200);
    const { partition } = encode(votes);
    const expected = votes.flatMap((_, i) => (partition[i] === 2 ? [i] : []));
    const outcome = await batch(full, votes);
    expect([outcome.rejected, outcome.reason, outcome.stored]).toStrictEqual([
      expected,
      'overloaded',
      200 - expected.length,
    ]);
  });

  test('votes that Redis rejects are rejected permanently', async () => {
    await using groupCommit = await open({});
    await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory', '1']);
    expect(await one(groupCommit, voters(1)[0] ?? {})).toStrictEqual({ status: 'rejected', reason: 'overloaded' });
    await redis.send(undefined, ['CONFIG', 'SET', 'maxmemory', '0']);
    expect((await one(groupCommit, voters(1)[0] ?? {})).status).toBe('stored');
  });

  test('a lost stream is recreated with a new epoch', async () => {
    const epochs: string[] = [];
    await using groupCommit = await open({ onEpoch: (_, epoch) => epochs.push(epoch) });
    await redis.send(undefined, ['FLUSHALL']);
    expect((await one(groupCommit, voters(1)[0] ?? {})).status).toBe('stored');
    expect(epochs[0] ?? '').toMatch(/^[\w-]{8}$/);
  });

  test('a stop rejects new votes and writes the accepted ones', async () => {
    const groupCommit = await open({});
    const accepted = voters(50).map((vote) => one(groupCommit, vote));
    const stopped = groupCommit.stop();
    expect(await one(groupCommit, { contest: 'one', choice: 'a', voter: 'x' })).toStrictEqual({
      status: 'rejected',
      reason: 'stopping',
    });
    await stopped;
    expect((await Promise.all(accepted)).every(({ status }) => status === 'stored')).toBeTruthy();
    await groupCommit[Symbol.asyncDispose]();
  });

  test('DURABILITY=replica: unknown if no replica confirms', async () => {
    const replicaDir = await mkdtemp(join(tmpdir(), 'votewire-replica-'));
    const args = ['--replicaof', '127.0.0.1', `${server.port}`];
    await redis.send(undefined, ['CONFIG', 'SET', 'repl-diskless-sync-delay', '0']);
    {
      await using groupCommit = await open({ config: { durability: 'replica' } });
      expect((await one(groupCommit, voters(1)[0] ?? {})).status).toBe('unknown');
      await using replica = await startRedisServer({ dir: replicaDir, args });
      const timeoutMs = 20_000;
      await waitFor(async () => (await one(groupCommit, voters(1)[0] ?? {})).status === 'stored', { timeoutMs });
      replica.process.kill('SIGSTOP');
      // On a busy machine the write can time out before Redis answers, which is also `unknown` but with another detail.
      const isUnconfirmed = async () => {
        const outcome = await one(groupCommit, voters(1)[0] ?? {});
        expect(outcome.status).not.toBe('stored');
        return outcome.status === 'unknown' && outcome.detail.includes('0 of 1 replicas');
      };
      await waitFor(isUnconfirmed, { timeoutMs });
    }
    await rm(replicaDir, { recursive: true, force: true });
  });

  test('DURABILITY=fsync: a start-up error if Redis cannot provide it', async (t) => {
    const [hasWaitAof] = await redis.send(undefined, ['COMMAND', 'INFO', 'WAITAOF'], parseArray);
    if (hasWaitAof !== null) return t.skip('this Redis has WAITAOF');
    await expect(open({ config: { durability: 'fsync' } })).rejects.toThrow(ConfigError);
    await redis.send(undefined, ['CONFIG', 'SET', 'appendfsync', 'always']);
    await using groupCommit = await open({ config: { durability: 'fsync' } });
    expect((await one(groupCommit, voters(1)[0] ?? {})).status).toBe('stored');
  });
});
