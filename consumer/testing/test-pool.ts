import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { expect } from 'vitest';
import { Path, VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { openContestStore } from '../../store/contests/open-contest-store.ts';
import { ensurePartition } from '../../store/deployment/partition.ts';
import { type Ledger, readLedger } from '../../store/monitoring/ledger.ts';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { parseText } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import { type RedisServer, startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { waitFor } from '../../tests/support/wait-for.ts';

export const PARTITIONS = 4;

/** A real Redis with the default contests, and consumers as separate processes, for tests. */
export class TestPool implements AsyncDisposable {
  readonly dir: string;
  readonly redis: Redis;
  server: RedisServer;
  readonly #consumers: ChildProcess[] = [];
  #nextVoter = 0;

  private constructor(dir: string, server: RedisServer) {
    this.dir = dir;
    this.server = server;
    this.redis = openRedis({ urls: [server.url], name: 'test' });
  }

  static async start(): Promise<TestPool> {
    const dir = mkdtempSync(join(tmpdir(), 'votewire-consumer-'));
    const pool = new TestPool(dir, await startRedisServer({ dir }));
    await pool.redis.whenReady();
    await using contests = await openContestStore({ redis: pool.redis, partitions: PARTITIONS });
    expect(contests.get('cats-vs-dogs')).toBeTruthy();
    for (let partition = 0; partition < PARTITIONS; partition++) await ensurePartition(pool.redis, partition);
    return pool;
  }

  startConsumer(env: Record<string, string> = {}): ChildProcess {
    const own = {
      REDIS_URL: this.server.url,
      DATA_DIR: this.dir,
      MONGODB_URL: '',
      CLAIM_IDLE_MS: '400',
      TRIM_KEEP_MS: '0',
    };
    const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts')], {
      env: { ...process.env, ...own, ...env },
      stdio: 'ignore',
    });
    this.#consumers.push(child);
    return child;
  }

  /** Stops a consumer, even a paused one. */
  async stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    if (signal === 'SIGKILL') child.kill('SIGCONT');
    await exited;
  }

  /** Kills Redis and restarts it with the same port and files. */
  async restartRedis(): Promise<void> {
    const { port, process } = this.server;
    const exited = once(process, 'exit');
    process.kill('SIGKILL');
    await exited;
    this.server = await startRedisServer({ dir: this.dir, port });
    await this.redis.whenReady();
  }

  async until<T>(what: string, check: () => Promise<T | undefined | false>, ms = 30_000): Promise<T> {
    let result: T | undefined | false;
    try {
      await waitFor(
        async () => {
          result = await check();
          return result !== undefined && result !== false;
        },
        { what, timeoutMs: ms },
      );
    } catch (error) {
      throw new Error(`${error}; ${JSON.stringify(await readLedger(this.redis, PARTITIONS))}`);
    }
    return result as T;
  }

  /** Writes one entry with new voters, like an edge, and returns its id. */
  write(votes: number, partition = this.#nextVoter % PARTITIONS, contest = 'cats-vs-dogs'): Promise<string> {
    const batch = create(VoteBatchSchema, {
      path: Path.HTTP,
      edge: 'test',
      receivedAt: BigInt(Date.now()),
      votes: Array.from({ length: votes }, () => ({ contest, choice: 'cats', voter: `voter-${this.#nextVoter++}` })),
    });
    return this.writeRaw(partition, 'b', Buffer.from(toBinary(VoteBatchSchema, batch)));
  }

  writeRaw(partition: number, field: string, value: Buffer): Promise<string> {
    const key = streamKey(partition);
    return this.redis.send(key, ['XADD', key, '*', field, value], parseText);
  }

  async tallied(): Promise<number> {
    return (await readLedger(this.redis, PARTITIONS)).votes.tallied;
  }

  /** Waits until both groups have handled every entry, and checks that the ledger balances. */
  async atRest(votes: number): Promise<Ledger> {
    const ledger = await this.until(`${votes} votes counted and logged`, async () => {
      const now = await readLedger(this.redis, PARTITIONS);
      return now.open === 0 && now.votes.logged >= votes && now.votes.tallied >= votes && now;
    });
    expect(ledger.gaps).toStrictEqual([]);
    expect(ledger.votes.tallied).toBe(votes);
    expect(ledger.votes.logged).toBe(votes);
    return ledger;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#consumers.map((child) => this.stop(child, 'SIGKILL')));
    await this.redis[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    rmSync(this.dir, { recursive: true });
  }
}
