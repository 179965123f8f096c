import type { ByteSocket } from '../byte-socket.ts';
import type { Clock } from '../clock.ts';
import { Http2ErrorCode } from '../error-code.ts';
import type { Http2Limits } from '../limits.ts';
import type { ConnectionState } from './connection-state.ts';
import type { StreamTable } from './stream-table.ts';

/** The parts of a connection that the watch uses. */
interface Watched {
  readonly state: ConnectionState;
  readonly clock: Clock;
  fail(code: Http2ErrorCode, reason: string): void;
  shutdown(reason?: string): void;
  destroy(): void;
  ping(): void;
}

/** Enforces the time limits of a connection. Times are milliseconds of the clock; Infinity: not set. */
export class ConnectionWatch {
  readonly #connection: Watched;
  readonly #socket: ByteSocket;
  readonly #streams: StreamTable;
  readonly #limits: Http2Limits;
  readonly #leaveAt: number;
  #receivedAt: number;
  #streamEndedAt: number;
  #inputSince: number;
  #pingedAt = Number.POSITIVE_INFINITY;
  #outputSince = Number.POSITIVE_INFINITY;
  #lingerUntil = Number.POSITIVE_INFINITY;
  #unsentBytes = 0;

  constructor(connection: Watched, socket: ByteSocket, streams: StreamTable, limits: Http2Limits) {
    const { now } = connection.clock;
    this.#connection = connection;
    this.#socket = socket;
    this.#streams = streams;
    this.#limits = limits;
    this.#leaveAt = now + limits.ageMs * (0.9 + Math.random() / 5);
    this.#receivedAt = now;
    this.#streamEndedAt = now;
    this.#inputSince = now;
  }

  /** The peer has sent something. */
  received(): void {
    this.#receivedAt = this.#connection.clock.now;
    this.#pingedAt = Number.POSITIVE_INFINITY;
  }

  /** Notes whether a frame or a header block is incomplete. */
  reading(incomplete: boolean): void {
    if (!incomplete) this.#inputSince = Number.POSITIVE_INFINITY;
    else if (this.#inputSince === Number.POSITIVE_INFINITY) this.#inputSince = this.#connection.clock.now;
  }

  pinged(): void {
    this.#pingedAt = this.#connection.clock.now;
  }

  streamEnded(): void {
    this.#streamEndedAt = this.#connection.clock.now;
  }

  /** The peer reads more slowly than the server sends. */
  congested(): void {
    this.#outputSince = this.#connection.clock.now;
    this.#unsentBytes = this.#socket.unsentBytes;
  }

  drained(): void {
    this.#outputSince = Number.POSITIVE_INFINITY;
  }

  /** This side is closed and waits for the peer. */
  closing(): void {
    this.#lingerUntil = this.#connection.clock.now + this.#limits.lingerMs;
  }

  /** Enforces the limits. Called several times a second. */
  sweep(now: number): void {
    const connection = this.#connection;
    const limits = this.#limits;
    if (now > this.#lingerUntil) connection.destroy();
    if (connection.state === 'closing' || connection.state === 'closed') return;
    if (now - this.#inputSince > limits.frameMs) {
      connection.fail(Http2ErrorCode.ENHANCE_YOUR_CALM, `A frame was not complete after ${limits.frameMs} ms`);
    } else if (now - this.#pingedAt > limits.pingMs || this.#isStuck(now)) connection.destroy();
    else if (now > this.#leaveAt && connection.state === 'open') connection.shutdown('The connection is old');
    else if (this.#streams.size > 0) this.#sweepStreams(now);
    else if (now - this.#streamEndedAt > limits.idleMs) connection.shutdown();
  }

  /** True if the peer has read nothing for too long. */
  #isStuck(now: number): boolean {
    const unsent = this.#socket.unsentBytes;
    if (unsent === 0) this.#outputSince = Number.POSITIVE_INFINITY;
    else if (this.#outputSince === Number.POSITIVE_INFINITY || unsent < this.#unsentBytes) this.#outputSince = now;
    this.#unsentBytes = unsent;
    return now - this.#outputSince > this.#limits.stalledMs;
  }

  #sweepStreams(now: number): void {
    const { idleMs, stalledMs } = this.#limits;
    for (const stream of this.#streams.values()) {
      if (stream.isLate(now, stalledMs)) stream.reset(Http2ErrorCode.CANCEL);
    }
    if (now - this.#receivedAt > idleMs && this.#pingedAt === Number.POSITIVE_INFINITY) this.#connection.ping();
  }
}
