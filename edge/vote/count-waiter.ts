import type { Redis } from '../../store/redis/redis.ts';
import { countedChannel } from '../../store/streams/keys.ts';
import type { VotePlace } from '../../store/tally/receipt-status.ts';
import type { ReceiptStatus } from './ingress.ts';

export interface CountWaiterOptions {
  /** A connection that can subscribe. */
  readonly redis: Redis;
  readonly partitions: number;
  /** Looks up an outcome; `queued` if it is not known yet. */
  readonly lookUp: (place: VotePlace) => Promise<ReceiptStatus>;
  readonly timeoutMs: number;
  readonly maxWaiting: number;
}

/** Interval of look-ups of a waiting vote, because messages can be lost. */
const POLL_MS = 250;
/** Concurrent look-ups. */
const MAX_LOOK_UPS = 64;
/** Messages kept because they may arrive before the reply to their entry's write. */
const MAX_EARLY_MESSAGES = 1024;

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
  nextPoll: number;
}

/** Subscribes; resolves once messages arrive. */
export async function startCountWaiter(options: CountWaiterOptions): Promise<CountWaiter> {
  using opened = new DisposableStack();
  const waiter = opened.use(new CountWaiter(options));
  const channels = Array.from({ length: options.partitions }, (_, partition) => countedChannel(partition));
  const partitionOf = new Map(channels.map((channel, partition) => [channel, partition]));
  await options.redis.subscribe(channels, (message, channel) => waiter.counted(partitionOf.get(channel) ?? 0, message));
  opened.move();
  return waiter;
}

/** Notifies clients that wait for their votes to be counted. */
export class CountWaiter implements Disposable {
  readonly #options: CountWaiterOptions;
  /** By `<partition> <entry id>`. */
  readonly #waiters = new Map<string, Waiter[]>();
  /** Outcomes of entries that no client waited for yet, oldest first. */
  readonly #early = new Map<string, string>();
  readonly #timer: NodeJS.Timeout;
  #lookUps = 0;
  #stopped = false;
  /** Number of waiting clients. */
  waiting = 0;

  constructor(options: CountWaiterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(), POLL_MS / 5);
  }

  /**
   * Calls `done` once, with the outcome, or with `queued` after `timeoutMs`. Returns false without calling `done` if
   * too many clients are already waiting.
   */
  wait(place: VotePlace, done: (status: ReceiptStatus) => void): boolean {
    if (this.#stopped || this.waiting >= this.#options.maxWaiting) return false;
    const key = `${place.partition} ${place.entryId}`;
    const early = statusOfLetter[this.#early.get(key)?.[place.index] ?? ''];
    if (early !== undefined) {
      queueMicrotask(() => done(early));
      return true;
    }
    const now = performance.now();
    const waiter = { place, done, deadline: now + this.#options.timeoutMs, nextPoll: now + POLL_MS };
    const others = this.#waiters.get(key);
    if (others === undefined) this.#waiters.set(key, [waiter]);
    else others.push(waiter);
    this.waiting++;
    return true;
  }

  /** @param message `<entry id> <letters>`, one letter per vote */
  counted(partition: number, message: string): void {
    const [entryId = '', letters = ''] = message.split(' ');
    const key = `${partition} ${entryId}`;
    this.#early.set(key, letters);
    if (this.#early.size > MAX_EARLY_MESSAGES) this.#early.delete(this.#early.keys().next().value ?? '');
    for (const waiter of [...(this.#waiters.get(key) ?? [])]) {
      const status = statusOfLetter[letters[waiter.place.index] ?? ''];
      if (status !== undefined) this.#finish(waiter, status);
    }
  }

  /** Answers all waiting clients with `queued`. */
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
      else if (waiter.nextPoll <= now && this.#lookUps < MAX_LOOK_UPS) {
        waiter.nextPoll = now + POLL_MS;
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
      // Redis is unavailable; the next poll or the deadline decides.
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
