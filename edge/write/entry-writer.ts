import { ErrorReply } from 'redis';
import type { Deployment } from '../../store/deployment/deployment.ts';
import { neverSent, type Redis } from '../../store/redis/redis.ts';
import { nullable, parseText } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import type { ProducerConfig } from '../config.ts';
import { edgeLog } from '../edge-log.ts';
import type { Durability } from './durability.ts';
import type { EntryBuffer, EntryResult } from './entry/entry-buffer.ts';
import type { RedisMonitor } from './redis-monitor.ts';

interface WriteReport {
  /** Called once per entry. */
  completed(entry: EntryBuffer, result: EntryResult): void;
  /** An entry's outcome became unknown while Redis may still answer (1), or that answer arrived (-1). */
  overdue(change: 1 | -1): void;
  /** The entry's bytes are no longer needed. They are not reusable if the socket may still read from them. */
  released(entry: EntryBuffer, reusable: boolean): void;
}

export interface EntryWriterOptions {
  /** A separate connection, because WAIT blocks all commands behind it. */
  readonly redis: Redis;
  readonly config: ProducerConfig;
  readonly durability: Durability;
  /** Nothing is written unless it is `ready`, because Redis may have lost its data. */
  readonly deployment: Pick<Deployment, 'ready' | 'repair'>;
  readonly clock: Pick<RedisMonitor, 'now' | 'observe'>;
}

const RETRY_MS = 50;
/** Longer than any command that Redis answers in time. */
const JUMP_MS = 10_000;
/** Returned instead of an entry id if the server did not run the command, or the stream is missing. */
const AGAIN = 'again';
const LOST = 'lost';
/** Replies that mean that the command was not run and may succeed in a moment. */
const TRY_AGAIN = /^(TRYAGAIN|CLUSTERDOWN|LOADING|MASTERDOWN|READONLY|BUSY|MOVED|ASK)\b/;

/** Appends entries to their streams. */
export class EntryWriter implements AsyncDisposable {
  readonly #options: EntryWriterOptions;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(options: EntryWriterOptions) {
    this.#options = options;
  }

  /** True if partitions are on several servers, which fail independently. */
  get cluster(): boolean {
    return this.#options.redis.cluster;
  }

  get ready(): boolean {
    return this.#options.redis.ready;
  }

  /** Sends all entries at once, in order. */
  write(entries: readonly EntryBuffer[], report: WriteReport): void {
    const attempt = new WriteAttempt(entries, report, this.#options.config.writeTimeoutMs);
    for (const entry of entries) {
      this.store(entry, attempt.deadline).then(
        (result) => attempt.complete(entry, result, true),
        (error: Error) => attempt.complete(entry, unknownOf(error), false),
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#options.redis[Symbol.asyncDispose]();
  }

  /** Rejects if the bytes may still be in flight. */
  protected async store(entry: EntryBuffer, deadline: number): Promise<EntryResult> {
    const { redis, durability, deployment, clock } = this.#options;
    const key = streamKey(entry.partition);
    const command = this.command(entry, key, entry.finish());
    for (;;) {
      const sentAt = clock.now();
      const answer = deployment.ready ? await this.#append(key, command) : LOST;
      if (typeof answer === 'object') return answer;
      if (answer !== AGAIN && answer !== LOST) {
        clock.observe(entry.partition, answer);
        const missing = durability.confirm && (await durability.confirm(redis, key));
        // The votes were accepted by the clock before the jump, but the tally checks them by the id after it.
        if (Number.parseInt(answer, 10) - sentAt > JUMP_MS) return JUMPED;
        return missing ? { status: 'unknown', detail: missing } : { status: 'stored', entryId: answer };
      }
      if (performance.now() + RETRY_MS > deadline) return UNAVAILABLE;
      if (answer === LOST) await deployment.repair().catch(keepTrying);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  protected command(_entry: EntryBuffer, key: string, bytes: Buffer): (string | Buffer)[] {
    // NOMKSTREAM: only `Deployment` creates streams, after it has written back what was lost with them.
    return ['XADD', key, 'NOMKSTREAM', '*', 'b', bytes];
  }

  /** The entry's id, AGAIN, LOST, or why it was rejected. */
  async #append(key: string, command: (string | Buffer)[]): Promise<string | EntryResult> {
    try {
      const id = await this.#options.redis.send(key, command, nullable(parseText));
      return id ?? LOST;
    } catch (error) {
      if (neverSent(error)) return UNAVAILABLE;
      if (!(error instanceof ErrorReply)) throw error;
      if (TRY_AGAIN.test(error.message)) return AGAIN;
      this.#logRejection(`Redis rejected XADD to ${key}: ${error.message}`);
      return error.message.startsWith('OOM') ? { status: 'rejected', reason: 'overloaded' } : UNAVAILABLE;
    }
  }

  /** At most one line a second, however many votes are affected. */
  #logRejection(line: string): void {
    if (performance.now() - this.#loggedAt < 1000) return;
    this.#loggedAt = performance.now();
    edgeLog.error(line);
  }
}

function keepTrying(): void {
  // Nothing was written yet; the next attempt or the deadline decides.
}

const JUMPED: EntryResult = { status: 'unknown', detail: 'the clock of Redis jumped ahead' };
const UNAVAILABLE: EntryResult = { status: 'rejected', reason: 'unavailable' };

/** Entries sent together, under one timer. */
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

  complete(entry: EntryBuffer, result: EntryResult, reusable: boolean): void {
    if (this.#late.delete(entry)) this.#report.overdue(-1);
    else {
      this.#waiting.delete(entry);
      if (this.#waiting.size === 0) clearTimeout(this.#timer);
      this.#report.completed(entry, result);
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
    const detail = `Redis did not confirm within ${timeoutMs} ms`;
    for (const entry of late) this.#report.completed(entry, { status: 'unknown', detail });
  }
}

function unknownOf(error: Error): EntryResult {
  return { status: 'unknown', detail: `the connection to Redis failed: ${error.message}` };
}
