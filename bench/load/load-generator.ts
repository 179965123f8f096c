import type { Channel, Reply } from './channels/channel.ts';
import type { DriverJob } from './job.ts';
import { startPacer } from './pacer.ts';
import type { RequestPool } from './pool.ts';
import type { Recorder } from './recorder.ts';

/** A request sent later than this after it could have been sent counts as late, which is the generator's fault. */
export const LATE_AFTER_US = 5_000;
/** Minimum interval between ticks of the open loop; requests due in between are sent together. */
const MIN_TICK_MS = 0.25;

/**
 * Sends the pool's requests over the channels, in a closed or open loop, and records the results. One object per run.
 */
export class LoadGenerator {
  readonly #pool: RequestPool;
  readonly #recorder: Recorder;
  readonly #channels: Channel[] = [];
  readonly #inFlight: number[] = [];
  /** Channel, due time and send time of each token (milliseconds, performance.now). */
  readonly #channelOf: Int32Array;
  readonly #dueAt: Float64Array;
  readonly #sentAt: Float64Array;
  readonly #freeTokens: number[] = [];
  #nextBody = 0;
  #nextChannel = 0;
  #running = false;
  #closed = true;
  #start = 0;
  #intervalMs = 0;
  /** Open loop: number of requests sent. */
  #sent = 0;
  #windowStart = Number.POSITIVE_INFINITY;
  #windowEnd = Number.POSITIVE_INFINITY;
  #idle: (() => void) | undefined;
  /** Replies so far. */
  replies = 0;
  due = 0;
  late = 0;
  unsent = 0;

  constructor(job: DriverJob, pool: RequestPool, recorder: Recorder) {
    this.#pool = pool;
    this.#recorder = recorder;
    const slots = job.connections * job.streams;
    this.#channelOf = new Int32Array(slots);
    this.#dueAt = new Float64Array(slots);
    this.#sentAt = new Float64Array(slots);
    for (let token = slots - 1; token >= 0; token--) this.#freeTokens.push(token);
  }

  addChannel(channel: Channel) {
    this.#channels.push(channel);
    this.#inFlight.push(0);
  }

  get bytesIn() {
    return this.#channels.reduce((sum, channel) => sum + channel.bytesIn, 0);
  }

  get bytesOut() {
    return this.#channels.reduce((sum, channel) => sum + channel.bytesOut, 0);
  }

  /** Sends as fast as replies arrive, for the warm-up and closed loads. */
  startClosed() {
    this.#running = true;
    this.#closed = true;
    this.#channels.forEach((channel, index) => {
      for (let slot = 0; slot < channel.capacity; slot++) this.#sendClosed(index);
    });
  }

  /** Sends at a fixed rate; ends when disposed. */
  startOpen(requestsPerSecond: number): AsyncDisposable {
    this.#running = true;
    this.#closed = false;
    this.#intervalMs = 1000 / requestsPerSecond;
    const pacer = startPacer(Math.max(MIN_TICK_MS, this.#intervalMs), () => this.#sendDue());
    this.#start = pacer.start;
    return pacer;
  }

  beginWindow() {
    this.#recorder.measuring = true;
    this.#windowStart = performance.now();
  }

  /** Sends no more requests; those in flight continue. */
  pause() {
    this.#running = false;
  }

  /** Ends the window and sends no more requests. */
  endWindow() {
    if (!this.#closed) this.#sendDue();
    this.#running = false;
    this.#recorder.measuring = false;
    this.#windowEnd = performance.now();
    if (this.#closed) return;
    // A request that was due but not sent has waited since then; omitting it would hide the wait.
    const dueTotal = Math.floor((this.#windowEnd - this.#start) / this.#intervalMs);
    const firstOfWindow = Math.ceil((this.#windowStart - this.#start) / this.#intervalMs);
    this.due = dueTotal - firstOfWindow;
    for (let k = Math.max(this.#sent, firstOfWindow); k < dueTotal; k++) {
      this.#recorder.neverSent((this.#windowEnd - this.#start - k * this.#intervalMs) * 1000);
      if (this.#freeTokens.length > 0) this.unsent++;
    }
  }

  /** Resolves with the number of requests still in flight: 0, or more after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<number> {
    if (this.#inFlight.some((count) => count > 0)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#idle = resolve;
      const timer = setTimeout(resolve, timeoutMs);
      await promise;
      clearTimeout(timer);
    }
    return this.#inFlight.reduce((sum, count) => sum + count, 0);
  }

  close() {
    for (const channel of this.#channels) channel.close();
  }

  /** Called by channels for each reply. */
  readonly onReply = (token: number, reply: Reply) => {
    this.replies++;
    const now = performance.now();
    const channel = this.#channelOf[token] ?? 0;
    const dueAt = this.#dueAt[token] ?? 0;
    const sentAt = this.#sentAt[token] ?? 0;
    this.#inFlight[channel] = (this.#inFlight[channel] ?? 0) - 1;
    this.#recorder.replied(reply);
    // A rejection is fast and is not a vote, so it is excluded. Unanswered requests waited the longest, so they count.
    const waited = reply.acknowledged > 0 || reply.unanswered === true;
    if (waited && dueAt >= this.#windowStart && dueAt <= this.#windowEnd) {
      this.#recorder.latency((now - dueAt) * 1000, (now - sentAt) * 1000);
    }
    const hadFree = this.#freeTokens.length > 0;
    this.#freeTokens.push(token);
    if (!this.#running) {
      if (this.#idle && this.#inFlight.every((count) => count === 0)) this.#idle();
      return;
    }
    if (this.#closed) this.#sendAgain(channel, reply);
    else this.#sendDue(!hadFree);
  };

  #sendAgain(channel: number, reply: Reply) {
    // A broken connection fails at once; retrying immediately would spin.
    if (reply.unknown > 0) setTimeout(() => this.#running && this.#sendClosed(channel), 5);
    else this.#sendClosed(channel);
  }

  #sendClosed(channel: number) {
    const now = performance.now();
    this.#send(channel, now, now);
  }

  /** Sends due requests while slots are free. `slotJustFreed`: no request could have been sent earlier. */
  #sendDue(slotJustFreed = false) {
    if (!this.#running || this.#intervalMs === 0) return;
    const now = performance.now();
    let waited = slotJustFreed;
    while (this.#freeTokens.length > 0) {
      const dueAt = this.#start + this.#sent * this.#intervalMs;
      if (dueAt > now) return;
      const channel = this.#freeChannel();
      if (channel < 0) return;
      this.#sent++;
      if (!waited && dueAt >= this.#windowStart && (now - dueAt) * 1000 > LATE_AFTER_US) this.late++;
      waited = false;
      this.#send(channel, dueAt, now);
    }
  }

  #freeChannel(): number {
    for (let tried = 0; tried < this.#channels.length; tried++) {
      const index = this.#nextChannel;
      this.#nextChannel = (index + 1) % this.#channels.length;
      if ((this.#inFlight[index] ?? 0) < (this.#channels[index]?.capacity ?? 0)) return index;
    }
    return -1;
  }

  #send(channel: number, dueAt: number, now: number) {
    const token = this.#freeTokens.pop();
    if (token === undefined) return;
    this.#channelOf[token] = channel;
    this.#dueAt[token] = dueAt;
    this.#sentAt[token] = now;
    this.#inFlight[channel] = (this.#inFlight[channel] ?? 0) + 1;
    this.#recorder.offered(this.#pool.votesPerRequest);
    const body = this.#nextBody;
    this.#nextBody = body + 1 === this.#pool.bodies.length ? 0 : body + 1;
    this.#channels[channel]?.send(body, token);
  }
}
