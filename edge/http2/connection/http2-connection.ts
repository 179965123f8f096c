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
import { ConnectionWatch } from './connection-watch.ts';
import { FrameDispatch } from './frame-dispatch.ts';
import { StreamTable } from './stream-table.ts';

export interface ConnectionOptions {
  readonly limits: Http2Limits;
  readonly clock: Clock;
  readonly pool: ChunkPool;
  readonly turn: FlushTurn;
  /** Called for each request, when its headers are complete. */
  readonly onRequest: (stream: Http2Stream) => StreamHandler;
  /** As `Http2ServerOptions.onError`. */
  readonly onError: (error: unknown, stream: HostedStream | undefined) => void;
  /** Called when the connection fails because the peer exceeded a rate limit. */
  readonly onFlood: (connection: Http2Connection) => void;
  readonly onClosed: (connection: Http2Connection) => void;
}

/** The server side of one HTTP/2 connection (RFC 9113), from the preface to the end of the socket. */
export class Http2Connection implements ByteSocketEvents, ConnectionHost {
  readonly remoteAddress: string;
  readonly clock: Clock;
  readonly output: Output;
  readonly streamWindowBytes: number;
  /** The connection's send window. */
  sendWindow = DEFAULT_WINDOW_BYTES;
  state: ConnectionState = 'preface';
  readonly #socket: ByteSocket;
  readonly #options: ConnectionOptions;
  readonly #streams = new StreamTable();
  readonly #guard: AbuseGuard;
  readonly #reader: FrameReader;
  readonly #dispatch: FrameDispatch;
  readonly #watch: ConnectionWatch;
  #prefaceBytes = 0;
  /** Bytes that the peer may still send. */
  #receiveWindow: number;
  #uncredited = 0;
  #tableUpdateDue = false;
  /**
   * True if the server stops before the peer's first SETTINGS; an earlier GOAWAY would lose the peer's first requests.
   */
  #shutdownDue = false;

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
    this.#watch = new ConnectionWatch(this, socket, this.#streams, limits);
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
    this.#watch.received();
    let from = 0;
    if (this.state === 'preface') {
      from = this.#readPreface(chunk);
      if (from < 0) return;
    }
    this.#reader.push(chunk, from);
    this.#watch.reading(this.#reader.partial || this.#dispatch.inHeaderBlock);
  }

  drained(): void {
    this.output.drained();
    this.#watch.drained();
    this.#socket.resume();
    this.resumeSending();
  }

  ended(): void {
    if (this.state === 'closing') {
      this.#socket.destroy();
      return;
    }
    // Complete requests are still answered.
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

  /** Asks the peer to open no more streams, serves the open ones, and closes. */
  shutdown(reason = 'The server is stopping'): void {
    if (this.state === 'preface' || this.state === 'settings') this.#shutdownDue = true;
    if (this.state !== 'open') return;
    this.state = 'leaving';
    this.output.goAway(MAX_STREAM_ID, Http2ErrorCode.NO_ERROR, reason);
    this.ping();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  ping(): void {
    this.#watch.pinged();
    this.output.ping(PING_PAYLOAD, false);
  }

  pingAnswered(): void {
    if (this.state === 'leaving') this.#drain();
  }

  /** Called several times a second. */
  sweep(now: number): void {
    this.#watch.sweep(now);
  }

  // StreamHost.

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
      // By then, most peers have ended the stream, so it is closed on both sides.
      if (this.#streams.reset.has(streamId)) this.output.resetStream(streamId, Http2ErrorCode.NO_ERROR);
    }, EARLY_RESET_MS).unref();
  }

  failed(error: unknown, stream: HostedStream | undefined): void {
    this.#options.onError(error, stream);
  }

  over(stream: HostedStream, code: Http2ErrorCode): void {
    this.#streams.delete(stream);
    this.#watch.streamEnded();
    if (!stream.requestEnded) this.#streams.reset.add(stream.id);
    try {
      stream.handler.close(code);
    } catch (error) {
      this.failed(error, stream);
    }
    if (this.state === 'draining') this.#closeIfDone();
  }

  // ConnectionHost.

  receiveBody(bytes: number): boolean {
    this.#receiveWindow -= bytes;
    return this.#receiveWindow >= 0;
  }

  frameEnded(): void {
    this.#watch.reading(false);
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
        this.failed(error, stream);
      }
    }
  }

  /** Returns where the preface ends in the chunk; -1 if it is incomplete or wrong. */
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
    this.#watch.congested();
    if (this.state !== 'closing') this.#socket.pause();
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
    this.#watch.closing();
    this.#closeStreams();
    this.output.flush();
    // With unread input the close would become a reset, which could overtake the GOAWAY.
    this.#socket.resume();
    this.#socket.end();
  }

  #closeStreams(): void {
    for (const stream of this.#streams.values()) stream.closed(Http2ErrorCode.CANCEL);
  }
}

/** Delay of a reset after an early answer: curl 7.88 drops an answer whose reset arrives in the same read. */
const EARLY_RESET_MS = 50;
/** A dynamic table size update to 0. */
const NO_TABLE = Uint8Array.of(0x20);
const PING_PAYLOAD = Buffer.from('votewire');
