import { edgeLog } from '../../edge-log.ts';
import type { ByteSocket, ByteSocketEvents } from '../byte-socket.ts';
import type { Clock } from '../clock.ts';
import { Http2ErrorCode } from '../error-code.ts';
import { DEFAULT_WINDOW_BYTES, MAX_STREAM_ID, MAX_WINDOW_BYTES, PREFACE, Setting } from '../frames/frame.ts';
import { FrameReader } from '../frames/frame-reader.ts';
import type { Http2Limits } from '../limits.ts';
import type { ChunkPool } from '../output/chunk-pool.ts';
import type { FlushTurn } from '../output/flush-turn.ts';
import { Output } from '../output/output.ts';
import type { Http2Stream } from '../stream/http2-stream.ts';
import type { StreamHandler } from '../stream/stream-handler.ts';
import type { HostedStream } from '../stream/stream-host.ts';
import { AbuseGuard } from './abuse-guard.ts';
import type { ConnectionHost } from './connection-host.ts';
import type { ConnectionState } from './connection-state.ts';
import { FrameDispatch } from './frame-dispatch.ts';
import { StreamTable } from './stream-table.ts';

export interface ConnectionOptions {
  readonly limits: Http2Limits;
  readonly clock: Clock;
  readonly pool: ChunkPool;
  readonly turn: FlushTurn;
  /** Called for each request, when its headers are complete. */
  readonly onRequest: (stream: Http2Stream) => StreamHandler;
  /** The connection has failed for one of the rates of its limits. */
  readonly onFlood: (connection: Http2Connection) => void;
  readonly onClosed: (connection: Http2Connection) => void;
}

/** The server's side of one HTTP/2 connection (RFC 9113): its life from the preface to the end of the socket. */
export class Http2Connection implements ByteSocketEvents, ConnectionHost {
  readonly remoteAddress: string;
  readonly clock: Clock;
  readonly output: Output;
  readonly streamWindowBytes: number;
  /** What the peer lets the connection send. */
  sendWindow = DEFAULT_WINDOW_BYTES;
  state: ConnectionState = 'preface';
  readonly #socket: ByteSocket;
  readonly #options: ConnectionOptions;
  readonly #streams = new StreamTable();
  readonly #guard: AbuseGuard;
  readonly #reader: FrameReader;
  readonly #dispatch: FrameDispatch;
  #prefaceBytes = 0;
  /** What the peer may still send. */
  #receiveWindow: number;
  #uncredited = 0;
  #tableUpdateDue = false;
  /** Set if the server stops before the peer's first SETTINGS: a GOAWAY before them would lose its first requests. */
  #shutdownDue = false;

  // Milliseconds of the clock; Infinity: not now.
  #receivedAt: number;
  #streamEndedAt: number;
  #pingedAt = Number.POSITIVE_INFINITY;
  #inputSince: number;
  #outputSince = Number.POSITIVE_INFINITY;
  #lingerUntil = Number.POSITIVE_INFINITY;
  readonly #leaveAt: number;
  #unsentBytes = 0;

  constructor(socket: ByteSocket, options: ConnectionOptions) {
    const { limits, clock, pool, turn } = options;
    this.remoteAddress = socket.remoteAddress;
    this.clock = clock;
    this.streamWindowBytes = limits.streamWindowBytes;
    this.#socket = socket;
    this.#options = options;
    this.#guard = new AbuseGuard(limits, clock);
    this.#receiveWindow = limits.connectionWindowBytes;
    this.output = new Output({
      socket,
      pool,
      turn,
      unsentBytes: limits.unsentBytes,
      congested: () => this.#congested(),
    });
    this.#dispatch = new FrameDispatch(this, this.#streams, this.#guard, options);
    this.#reader = new FrameReader(this.#dispatch, limits.frameBytes);
    this.#receivedAt = clock.now;
    this.#streamEndedAt = clock.now;
    this.#inputSince = clock.now;
    this.#leaveAt = clock.now + limits.ageMs * (0.9 + Math.random() / 5);
    this.output.settings([
      [Setting.MAX_CONCURRENT_STREAMS, limits.concurrentStreams],
      [Setting.INITIAL_WINDOW_SIZE, limits.streamWindowBytes],
      [Setting.MAX_HEADER_LIST_SIZE, limits.headerListBytes],
    ]);
    this.output.windowUpdate(0, limits.connectionWindowBytes - DEFAULT_WINDOW_BYTES);
  }

  /** Open streams. */
  get streams(): number {
    return this.#streams.size;
  }

  received(chunk: Buffer): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    this.#receivedAt = this.clock.now;
    this.#pingedAt = Number.POSITIVE_INFINITY;
    let from = 0;
    if (this.state === 'preface') {
      from = this.#readPreface(chunk);
      if (from < 0) return;
    }
    this.#reader.push(chunk, from);
    if (!this.#reader.partial && !this.#dispatch.inHeaderBlock) this.#inputSince = Number.POSITIVE_INFINITY;
    else if (this.#inputSince === Number.POSITIVE_INFINITY) this.#inputSince = this.clock.now;
  }

  drained(): void {
    this.output.drained();
    this.#outputSince = Number.POSITIVE_INFINITY;
    this.#socket.resume();
    this.resumeSending();
  }

  ended(): void {
    if (this.state === 'closing') {
      this.#socket.destroy();
      return;
    }
    // Requests that are complete are still answered.
    for (const stream of this.#streams.values()) if (!stream.requestEnded) stream.closed(Http2ErrorCode.CANCEL);
    if (this.state !== 'closed') this.state = 'draining';
    this.#closeIfDone();
  }

  closed(): void {
    this.state = 'closed';
    this.output.close();
    this.#closeStreams();
    this.#options.onClosed(this);
  }

  fail(code: Http2ErrorCode, reason: string): void {
    if (this.state === 'closing' || this.state === 'closed') return;
    this.output.goAway(this.#streams.lastId, code, reason);
    this.#close();
  }

  flooded(reason: string): void {
    this.#options.onFlood(this);
    this.fail(Http2ErrorCode.ENHANCE_YOUR_CALM, reason);
  }

  opened(): void {
    this.state = 'open';
    if (this.#shutdownDue) this.shutdown();
  }

  /** Asks the peer to open no more streams, serves those that are open, and closes. */
  shutdown(reason = 'The server is stopping'): void {
    if (this.state === 'preface' || this.state === 'settings') this.#shutdownDue = true;
    if (this.state !== 'open') return;
    this.state = 'leaving';
    this.output.goAway(MAX_STREAM_ID, Http2ErrorCode.NO_ERROR, reason);
    this.#ping();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  pingAnswered(): void {
    if (this.state === 'leaving') this.#drain();
  }

  /** Looks at what has taken too long. Called several times a second. */
  sweep(now: number): void {
    const { limits } = this.#options;
    if (now > this.#lingerUntil) this.destroy();
    if (this.state === 'closing' || this.state === 'closed') return;
    if (now - this.#inputSince > limits.frameMs) {
      this.fail(Http2ErrorCode.ENHANCE_YOUR_CALM, `A frame was not complete after ${limits.frameMs} ms`);
    } else if (now - this.#pingedAt > limits.pingMs || this.#isStuck(now)) this.destroy();
    else if (now > this.#leaveAt && this.state === 'open') this.shutdown('The connection is old');
    else if (this.#streams.size > 0) this.#sweepStreams(now);
    else if (now - this.#streamEndedAt > limits.idleMs) this.shutdown();
  }

  // What streams need.

  block(block: Uint8Array): Uint8Array {
    if (!this.#tableUpdateDue) return block;
    this.#tableUpdateDue = false;
    return Buffer.concat([NO_TABLE, block]);
  }

  dataSent(frames: number): void {
    this.#guard.dataSent(frames);
  }

  consumed(bytes: number): void {
    this.#uncredited += bytes;
    if (this.#uncredited < this.#options.limits.connectionWindowBytes / 2 || this.state === 'closing') return;
    this.output.windowUpdate(0, this.#uncredited);
    this.#receiveWindow += this.#uncredited;
    this.#uncredited = 0;
  }

  waitForRoom(stream: HostedStream): void {
    this.#streams.waiting.add(stream);
  }

  stopRequest(streamId: number): void {
    setTimeout(() => {
      // By then most peers have ended the stream, and it is closed for both.
      if (this.#streams.reset.has(streamId)) this.output.resetStream(streamId, Http2ErrorCode.NO_ERROR);
    }, EARLY_RESET_MS).unref();
  }

  over(stream: HostedStream, code: Http2ErrorCode): void {
    this.#streams.delete(stream);
    this.#streamEndedAt = this.clock.now;
    if (!stream.requestEnded) this.#streams.reset.add(stream.id);
    try {
      stream.handler.close(code);
    } catch (error) {
      edgeLog.error({ error }, 'Request failed');
    }
    if (this.state === 'draining') this.#closeIfDone();
  }

  // What the dispatch of frames needs.

  receiveBody(bytes: number): boolean {
    this.#receiveWindow -= bytes;
    return this.#receiveWindow >= 0;
  }

  frameEnded(): void {
    this.#inputSince = Number.POSITIVE_INFINITY;
  }

  widen(bytes: number): boolean {
    this.sendWindow += bytes;
    return this.sendWindow <= MAX_WINDOW_BYTES;
  }

  shrinkTable(): void {
    this.#tableUpdateDue = true;
  }

  resumeSending(): void {
    const { waiting } = this.#streams;
    if (waiting.size === 0) return;
    for (const stream of [...waiting]) {
      if (this.output.congested) return;
      waiting.delete(stream);
      try {
        if (!stream.resumeSending()) waiting.add(stream);
      } catch (error) {
        edgeLog.error({ error }, 'Request failed');
        stream.reset(Http2ErrorCode.INTERNAL_ERROR);
      }
    }
  }

  /** Returns where the preface ends in the chunk; -1: not yet, or it is wrong. */
  #readPreface(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.#prefaceBytes < PREFACE.length) {
      if (chunk[at++] !== PREFACE[this.#prefaceBytes++]) {
        this.fail(Http2ErrorCode.PROTOCOL_ERROR, 'The connection preface is wrong');
        return -1;
      }
    }
    if (this.#prefaceBytes < PREFACE.length) return -1;
    this.state = 'settings';
    return at;
  }

  #congested(): void {
    this.#outputSince = this.clock.now;
    this.#unsentBytes = this.#socket.unsentBytes;
    if (this.state !== 'closing') this.#socket.pause();
  }

  /** Whether the peer has read nothing for too long. */
  #isStuck(now: number): boolean {
    const unsent = this.#socket.unsentBytes;
    if (unsent === 0) this.#outputSince = Number.POSITIVE_INFINITY;
    else if (this.#outputSince === Number.POSITIVE_INFINITY || unsent < this.#unsentBytes) this.#outputSince = now;
    this.#unsentBytes = unsent;
    return now - this.#outputSince > this.#options.limits.stalledMs;
  }

  #sweepStreams(now: number): void {
    const { idleMs, stalledMs } = this.#options.limits;
    for (const stream of this.#streams.values()) {
      if (stream.isLate(now, stalledMs)) stream.reset(Http2ErrorCode.CANCEL);
    }
    if (now - this.#receivedAt > idleMs && this.#pingedAt === Number.POSITIVE_INFINITY) this.#ping();
  }

  #ping(): void {
    this.#pingedAt = this.clock.now;
    this.output.ping(PING_PAYLOAD, false);
  }

  #drain(): void {
    this.state = 'draining';
    this.output.goAway(this.#streams.lastId, Http2ErrorCode.NO_ERROR, '');
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.state === 'draining' && this.#streams.size === 0) this.#close();
  }

  #close(): void {
    this.state = 'closing';
    this.#lingerUntil = this.clock.now + this.#options.limits.lingerMs;
    this.#closeStreams();
    this.output.flush();
    // Unread input would turn the close into a reset, which could overtake the GOAWAY.
    this.#socket.resume();
    this.#socket.end();
  }

  #closeStreams(): void {
    for (const stream of this.#streams.values()) stream.closed(Http2ErrorCode.CANCEL);
  }
}

/** curl 7.88 drops an answer whose reset arrives in the same read, and reports a broken stream. */
const EARLY_RESET_MS = 50;
/** An update of the dynamic table's size to 0. */
const NO_TABLE = Uint8Array.of(0x20);
const PING_PAYLOAD = Buffer.from('votewire');
