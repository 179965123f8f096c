import type { Redis } from '../../store/redis/redis.ts';
import { countedChannel } from '../../store/streams/keys.ts';
import type { VotePlace } from '../../store/tally/receipt-status.ts';
import type { ReceiptStatus } from './ingress.ts';

/** Tells those who wait what became of their votes. */
export interface CountWaiter extends Disposable {
  /**
   * Calls `done` once: with the outcome, or with `queued` after the time is up. False: too many wait already, and
   * `done` is not called.
   */
  wait(place: VotePlace, done: (status: ReceiptStatus) => void): boolean;
  /** How many wait now. */
  readonly waiting: number;
  /** Answers all who wait with `queued`. */
  stop(): void;
}

export interface CountWaiterOptions {
  /** A connection that may subscribe. */
  readonly redis: Redis;
  readonly partitions: number;
  /** Looks an outcome up; `queued` where it is not known yet. */
  readonly lookUp: (place: VotePlace) => Promise<ReceiptStatus>;
  readonly timeoutMs: number;
  readonly maxWaiting: number;
}

/** Messages can be lost: whoever waited this long is looked up, and again each time as long again. */
const POLL_MS = 250;
/** Look-ups under way at once. */
const MAX_LOOK_UPS = 64;
/** A message may come before the reply to the write that it is about. This many of them are kept. */
const KEPT_MESSAGES = 1024;

const statusOfLetter: Readonly<Record<string, ReceiptStatus>> = {
  c: 'counted',
  s: 'superseded',
  d: 'duplicate',
  l: 'late',
  x: 'dead',
};

interface Waiter {
  readonly place: VotePlace;
  readonly done: (status: ReceiptStatus) => void;
  readonly deadline: number;
  nextLook: number;
}

/** Subscribes, and resolves once messages arrive. */
export async function startCountWaiter(options: CountWaiterOptions): Promise<CountWaiter> {
  using opened = new DisposableStack();
  const watch = opened.use(new RedisCountWaiter(options));
  const channels = Array.from({ length: options.partitions }, (_, partition) => countedChannel(partition));
  const partitionOf = new Map(channels.map((channel, partition) => [channel, partition]));
  await options.redis.subscribe(channels, (message, channel) => watch.told(partitionOf.get(channel) ?? 0, message));
  opened.move();
  return watch;
}

class RedisCountWaiter implements CountWaiter {
  readonly #options: CountWaiterOptions;
  /** By `<partition> <entry id>`. */
  readonly #waiters = new Map<string, Waiter[]>();
  /** Letters of entries that nobody waited for when they came; the oldest first. */
  readonly #kept = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  #lookUps = 0;
  #stopped = false;
  waiting = 0;

  constructor(options: CountWaiterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), POLL_MS / 5);
  }

  wait(place: VotePlace, done: (status: ReceiptStatus) => void): boolean {
    if (this.#stopped || this.waiting >= this.#options.maxWaiting) return false;
    const key = `${place.partition} ${place.entryId}`;
    const early = statusOfLetter[this.#kept.get(key)?.[place.index] ?? ''];
    if (early !== undefined) {
      queueMicrotask(() => done(early));
      return true;
    }
    const now = performance.now();
    const waiter = { place, done, deadline: now + this.#options.timeoutMs, nextLook: now + POLL_MS };
    const others = this.#waiters.get(key);
    if (others === undefined) this.#waiters.set(key, [waiter]);
    else others.push(waiter);
    this.waiting++;
    return true;
  }

  /** `<entry id> <letters>` */
  told(partition: number, message: string): void {
    const [entryId = '', letters = ''] = message.split(' ');
    const key = `${partition} ${entryId}`;
    this.#kept.set(key, letters);
    if (this.#kept.size > KEPT_MESSAGES) this.#kept.delete(this.#kept.keys().next().value ?? '');
    for (const waiter of [...(this.#waiters.get(key) ?? [])]) {
      const status = statusOfLetter[letters[waiter.place.index] ?? ''];
      if (status !== undefined) this.#finish(waiter, status);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const waiter of [...this.#waiters.values()].flat()) this.#finish(waiter, 'queued');
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.stop();
  }

  #tick(): void {
    if (this.waiting === 0) return;
    const now = performance.now();
    for (const waiter of [...this.#waiters.values()].flat()) {
      if (waiter.deadline <= now) this.#finish(waiter, 'queued');
      else if (waiter.nextLook <= now && this.#lookUps < MAX_LOOK_UPS) {
        waiter.nextLook = now + POLL_MS;
        void this.#lookUp(waiter);
      }
    }
  }

  async #lookUp(waiter: Waiter): Promise<void> {
    this.#lookUps++;
    try {
      const status = await this.#options.lookUp(waiter.place);
      if (status !== 'queued') this.#finish(waiter, status);
    } catch {
      // Redis is away: the next look or the deadline has the answer.
    } finally {
      this.#lookUps--;
    }
  }

  #finish(waiter: Waiter, status: ReceiptStatus): void {
    const key = `${waiter.place.partition} ${waiter.place.entryId}`;
    const waiters = this.#waiters.get(key);
    const at = waiters?.indexOf(waiter) ?? -1;
    if (waiters === undefined || at < 0) return;
    waiters.splice(at, 1);
    if (waiters.length === 0) this.#waiters.delete(key);
    this.waiting--;
    waiter.done(status);
  }
}
