import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEntries, type StreamEntry } from '../../consumer/group/stream-entry.ts';
import { ensurePartition } from '../../store/deployment/partition.ts';
import type { LogStore } from '../../store/log/log-store.ts';
import { openLogStore } from '../../store/log/open-log-store.ts';
import { recount } from '../../store/recount/recount.ts';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { readRedisTime } from '../../store/redis/redis-time.ts';
import { parseArray, parseText } from '../../store/redis/replies.ts';
import {
  deadLetterEntries,
  forgetReplays,
  listDeadLetters,
  replayDeadLetter,
} from '../../store/streams/dead-letters.ts';
import { clusterKey, LOG_GROUP, rulesKey, streamKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import { acknowledge, trim } from '../../store/streams/stream-groups.ts';
import { createTally, type Tally } from '../../store/tally/tally.ts';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { type Group, HeldEntries } from './held-entries.ts';
import { countOf, idOf, logEntryOf, positionOf, votesOf } from './model-entry.ts';
import { PartitionState } from './partition-state.ts';
import type { Handled, ModelContest, ModelVote } from './tally-model.ts';

const STREAM = streamKey(0);
const RULES: Readonly<Record<ModelContest, 'one-per-voter' | 'open'>> = { single: 'one-per-voter', open: 'open' };
const VOTE_ID_WINDOW_HOURS = 24;

/** One partition in a real Redis with a real log, driven step by step with the functions that consumers use. */
export class Partition implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #tally: Tally;
  readonly #close: () => Promise<void>;
  readonly #logs: LogStore;
  readonly #held = new HeldEntries();
  readonly state: PartitionState;
  #epoch = '';
  #run = 0;

  private constructor(redis: Redis, log: LogStore, close: () => Promise<void>) {
    this.#redis = redis;
    this.#logs = log;
    this.#close = close;
    this.state = new PartitionState(redis, log, this.#nameOf);
    this.#tally = createTally({
      redis,
      voteIdWindowHours: VOTE_ID_WINDOW_HOURS,
      ruleOf: (contest) => (this.#contestOf(contest) === 'single' ? 'one-per-voter' : 'open'),
    });
  }

  static async open(): Promise<Partition> {
    const dir = mkdtempSync(join(tmpdir(), 'votewire-model-'));
    const server = await startRedisServer({ dir: join(dir, 'redis'), args: ['--appendonly', 'no'] });
    const redis = openRedis({ urls: [server.url], name: 'model' });
    await redis.whenReady();
    const log = await openLogStore({ mongodbUrl: undefined, dataDir: dir, logTtlDays: 0 });
    return new Partition(redis, log, async () => {
      await redis[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await log[Symbol.asyncDispose]();
      rmSync(dir, { recursive: true, force: true });
    });
  }

  /** Empties Redis for the next sequence of commands. Contests get new ids, so the log need not be emptied. */
  async reset(): Promise<void> {
    this.#run++;
    this.#held.clear();
    await this.#redis.send(undefined, ['FLUSHALL']);
    await this.#redis.send(clusterKey, ['HSET', clusterKey, 'partitions', '1', 'secret', 'x'.repeat(43)]);
    this.#epoch = await ensurePartition(this.#redis, 0);
    for (const contest of ['single', 'open'] as const) await this.setCloses(contest, 0);
  }

  /** Writes an entry like an edge; returns its id. */
  append(votes: readonly ModelVote[]): Promise<string> {
    const bytes = Buffer.from(JSON.stringify(votes));
    return this.#redis.send(STREAM, ['XADD', STREAM, '*', 'b', bytes], parseText);
  }

  /** A consumer reads new entries. */
  async read(group: Group, consumer: string, count: number): Promise<void> {
    const command = ['XREADGROUP', 'GROUP', group, consumer, 'COUNT', `${count}`, 'STREAMS', STREAM, '>'];
    const reply = await this.#redis.sendBytes(STREAM, command, (all) => (all === null ? [] : parseArray(all)));
    this.#held.add(group, consumer, reply.length === 0 ? [] : parseEntries(reply[1]));
  }

  /** A consumer claims all pending entries, unknown to the others. */
  async claim(group: Group, consumer: string): Promise<void> {
    const command = ['XAUTOCLAIM', STREAM, group, consumer, '0', '-', 'COUNT', '1000'];
    const reply = await this.#redis.sendBytes(STREAM, command, parseArray);
    this.#held.add(group, consumer, parseEntries(reply[1]));
  }

  /** Counts the entries that the consumer holds and returns them; without `forget`, it will count them again. */
  async count(consumer: string, forget: boolean): Promise<Handled[]> {
    const held = this.#held.of(TALLY_GROUP, consumer);
    const passed = held.filter(({ replay }) => replay !== undefined && replay.group !== TALLY_GROUP);
    const own = held.filter((entry) => !passed.includes(entry));
    if (passed.length > 0) {
      const entries = passed.map(({ id }) => ({ id, votes: 0 }));
      await acknowledge(this.#redis, { partition: 0, group: TALLY_GROUP, column: 'passed-tally', entries });
    }
    if (own.length > 0) {
      await this.#tally.count(
        0,
        own.map((entry) => ({
          id: idOf(entry.id),
          position: idOf(positionOf(entry)),
          notify: false,
          votes: votesOf(entry, this.#nameOf),
        })),
      );
      const positions = own.filter(({ replay }) => replay !== undefined).map(positionOf);
      await forgetReplays(this.#redis, 0, { group: TALLY_GROUP, positions });
    }
    if (forget) this.#held.drop(TALLY_GROUP, consumer);
    return own.map((entry) => ({ id: entry.id, position: positionOf(entry) }));
  }

  /**
   * Logs the entries that the consumer holds, and acknowledges them unless it `dies` in between. Returns their
   * positions.
   */
  async log(consumer: string, dies: boolean): Promise<string[]> {
    const held = this.#held.of(LOG_GROUP, consumer);
    const passed = held.filter(({ replay }) => replay !== undefined && replay.group !== LOG_GROUP);
    const own = held.filter((entry) => !passed.includes(entry));
    await this.#logs.append(own.map((entry) => logEntryOf(entry, this.#epoch, this.#nameOf)));
    this.#held.drop(LOG_GROUP, consumer);
    if (dies) return own.map(positionOf);
    const done = (entries: readonly StreamEntry[]) => entries.map(({ id, bytes }) => ({ id, votes: countOf(bytes) }));
    if (own.length > 0) {
      await acknowledge(this.#redis, { partition: 0, group: LOG_GROUP, column: 'logged', entries: done(own) });
    }
    if (passed.length > 0) {
      const entries = passed.map(({ id }) => ({ id, votes: 0 }));
      await acknowledge(this.#redis, { partition: 0, group: LOG_GROUP, column: 'passed-log', entries });
    }
    return own.map(positionOf);
  }

  /** The tally gives up the oldest entry that the consumer holds; undefined if it holds none. */
  async deadLetter(consumer: string): Promise<(Handled & { isDead: boolean }) | undefined> {
    const entry = this.#held.of(TALLY_GROUP, consumer).find(({ replay }) => replay?.group !== LOG_GROUP);
    if (entry === undefined) return undefined;
    const { id, bytes } = entry;
    const failed = { partition: 0, group: TALLY_GROUP, id, reason: 'model', limit: 1, votes: countOf(bytes) };
    const outcome = await deadLetterEntries(this.#redis, failed);
    this.#held.drop(TALLY_GROUP, consumer, id);
    return { id, position: positionOf(entry), isDead: outcome === 'dead' };
  }

  /** Replays every dead letter, from one terminal or from two. Returns the entries written to the stream. */
  async replay(twice: boolean): Promise<Handled[]> {
    const written: Handled[] = [];
    for (const letter of await listDeadLetters(this.#redis, 0)) {
      for (let terminal = 0; terminal < (twice ? 2 : 1); terminal++) {
        const id = await replayDeadLetter(this.#redis, letter);
        if (id !== undefined) written.push({ id, position: await this.#positionAt(id) });
      }
    }
    return written;
  }

  trim(): Promise<number> {
    return trim(this.#redis, 0, 0);
  }

  /** Closes the contest; returns the time of the close by Redis's clock. */
  async close(contest: ModelContest): Promise<number> {
    const now = Math.floor(await readRedisTime(this.#redis, STREAM));
    await this.setCloses(contest, now);
    return now;
  }

  async setCloses(contest: ModelContest, closesAt: number): Promise<void> {
    const rule = `${RULES[contest]} 0 ${closesAt}`;
    await this.#redis.send(rulesKey(0), ['HSET', rulesKey(0), this.#nameOf(contest), rule]);
  }

  /**
   * `npm run recount <contest> --apply`. Returns whether it replaced the tally, which it does not do while votes are in
   * flight.
   */
  async recount(contest: ModelContest): Promise<boolean> {
    try {
      await recount({
        redis: this.#redis,
        log: this.#logs,
        partitions: 1,
        voteIdWindowHours: VOTE_ID_WINDOW_HOURS,
        contest: this.#nameOf(contest),
        apply: true,
        waitMs: 0,
        decode: () => undefined,
      });
      return true;
    } catch (error) {
      if (error instanceof Error && /come to rest|during each of|in flight|votes came in/i.test(error.message))
        return false;
      throw error;
    }
  }

  readonly #nameOf = (contest: ModelContest) => `${contest}-${this.#run}`;

  async #positionAt(id: string): Promise<string> {
    const [entry] = await this.#redis.sendBytes(STREAM, ['XRANGE', STREAM, id, id], parseEntries);
    if (entry === undefined) throw new Error(`The stream has no entry ${id}`);
    return positionOf(entry);
  }

  #contestOf(name: string): ModelContest {
    return name.startsWith('single') ? 'single' : 'open';
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
