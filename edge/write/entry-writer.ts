import { ErrorReply } from 'redis';
import type { Deployment } from '../../store/deployment/deployment.ts';
import { neverSent, type Redis } from '../../store/redis/redis.ts';
import { nullable, parseText } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import type { ProducerConfig } from '../config.ts';
import type { Durability } from './durability.ts';
import type { EntryBuffer, EntryResult } from './entry-buffer.ts';

/** Puts entries into their streams. */
export interface EntryWriter extends AsyncDisposable {
  /** Partitions are on several servers, which fail one by one. */
  readonly cluster: boolean;
  readonly ready: boolean;
  /** Sends all entries at once, in order. */
  write(entries: readonly EntryBuffer[], report: WriteReport): void;
}

export interface WriteReport {
  /** Called once for each entry. */
  settled(entry: EntryBuffer, result: EntryResult): void;
  /** An entry was settled as unknown while Redis may still answer (1), and has its end now (-1). */
  overdue(change: 1 | -1): void;
  /** Nothing reads the entry's bytes any more. Not reusable: somebody might. */
  released(entry: EntryBuffer, reusable: boolean): void;
}

export interface EntryWriterOptions {
  /** Of its own: WAIT holds up everything behind it. */
  readonly redis: Redis;
  readonly config: ProducerConfig;
  readonly durability: Durability;
  /** Nothing is written unless it is `ready`: Redis may have lost its data. */
  readonly deployment: Pick<Deployment, 'ready' | 'repair'>;
}

export function createEntryWriter(options: EntryWriterOptions): EntryWriter {
  return new RedisEntryWriter(options);
}

const RETRY_MS = 50;
/** In the place of an entry's id: the server did not run the command, or the stream is not there. */
const AGAIN = 'again';
const LOST = 'lost';
/** Replies by which a server says that it did not run the command and may do so in a moment. */
const TRY_AGAIN = /^(TRYAGAIN|CLUSTERDOWN|LOADING|MASTERDOWN|READONLY|BUSY|MOVED|ASK)\b/;

class RedisEntryWriter implements EntryWriter {
  readonly #options: EntryWriterOptions;
  #complainedAt = Number.NEGATIVE_INFINITY;

  constructor(options: EntryWriterOptions) {
    this.#options = options;
  }

  get cluster(): boolean {
    return this.#options.redis.cluster;
  }

  get ready(): boolean {
    return this.#options.redis.ready;
  }

  write(entries: readonly EntryBuffer[], report: WriteReport): void {
    const attempt = new WriteAttempt(entries, report, this.#options.config.writeTimeoutMs);
    for (const entry of entries) {
      this.#store(entry, attempt.deadline).then(
        (result) => attempt.settle(entry, result, true),
        (error: Error) => attempt.settle(entry, unknownOf(error), false),
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.redis[Symbol.asyncDispose]();
  }

  /** Rejects where the bytes may still be on their way. */
  async #store(entry: EntryBuffer, deadline: number): Promise<EntryResult> {
    const { redis, durability, deployment } = this.#options;
    const key = streamKey(entry.partition);
    const bytes = entry.finish();
    for (;;) {
      const answer = deployment.ready ? await this.#append(key, bytes) : LOST;
      if (typeof answer === 'object') return answer;
      if (answer !== AGAIN && answer !== LOST) {
        const missing = durability.confirm && (await durability.confirm(redis, key));
        return missing ? { status: 'unknown', detail: missing } : { status: 'stored', entryId: answer };
      }
      if (performance.now() + RETRY_MS > deadline) return AWAY;
      if (answer === LOST) await deployment.repair().catch(keepTrying);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** The entry's id, or AGAIN, or LOST, or a refusal. */
  async #append(key: string, bytes: Buffer): Promise<string | EntryResult> {
    try {
      // NOMKSTREAM: only `Deployment` creates streams, after it has written back what was lost with them.
      const id = await this.#options.redis.send(key, ['XADD', key, 'NOMKSTREAM', '*', 'b', bytes], nullable(parseText));
      return id ?? LOST;
    } catch (error) {
      if (neverSent(error)) return AWAY;
      if (!(error instanceof ErrorReply)) throw error;
      if (TRY_AGAIN.test(error.message)) return AGAIN;
      this.#complain(`${key}: XADD refused: ${error.message}`);
      return error.message.startsWith('OOM') ? { status: 'refused', reason: 'overloaded' } : AWAY;
    }
  }

  /** At most a line a second, however many votes meet it. */
  #complain(line: string): void {
    if (performance.now() - this.#complainedAt < 1000) return;
    this.#complainedAt = performance.now();
    console.error(line);
  }
}

function keepTrying(): void {
  // Nothing was written yet: the next attempt or the deadline decides.
}

const AWAY: EntryResult = { status: 'refused', reason: 'unavailable' };

/** Entries that were sent together; one timer watches over them. */
class WriteAttempt {
  readonly deadline: number;
  readonly #report: WriteReport;
  readonly #waiting: Set<EntryBuffer>;
  readonly #late = new Set<EntryBuffer>();
  readonly #timer: NodeJS.Timeout;

  constructor(entries: readonly EntryBuffer[], report: WriteReport, timeoutMs: number) {
    this.deadline = performance.now() + timeoutMs;
    this.#report = report;
    this.#waiting = new Set(entries);
    this.#timer = setTimeout(() => this.#giveUp(timeoutMs), timeoutMs);
  }

  settle(entry: EntryBuffer, result: EntryResult, reusable: boolean): void {
    if (this.#late.delete(entry)) this.#report.overdue(-1);
    else {
      this.#waiting.delete(entry);
      if (this.#waiting.size === 0) clearTimeout(this.#timer);
      this.#report.settled(entry, result);
    }
    this.#report.released(entry, reusable);
  }

  #giveUp(timeoutMs: number): void {
    const late = [...this.#waiting];
    this.#waiting.clear();
    for (const entry of late) {
      this.#late.add(entry);
      this.#report.overdue(1);
    }
    const detail = `Redis has not confirmed within ${timeoutMs} ms`;
    for (const entry of late) this.#report.settled(entry, { status: 'unknown', detail });
  }
}

function unknownOf(error: Error): EntryResult {
  return { status: 'unknown', detail: `the connection to Redis failed: ${error.message}` };
}
