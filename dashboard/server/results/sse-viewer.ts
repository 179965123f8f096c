import type { IncomingMessage, ServerResponse } from 'node:http';
import { GZIP_HEADER, SseFrame } from './sse-frame.ts';

/** Limit of ordered frames that wait for a slow viewer, in bytes. */
const MAX_ORDERED_BYTES = 128 * 1024;
/** A viewer that reads nothing for this long is considered disconnected. */
const STALL_MS = 30_000;

const RETRY = new SseFrame('retry: 2000\n\n');

/**
 * One open event stream. Frames go straight to the socket while the viewer keeps up; otherwise they wait.
 *
 * A frame with a slot is a snapshot: a newer one of the same slot replaces it. Waiting snapshots are references to
 * bytes that all viewers share, at most one per slot, so they have no limit, and a state larger than any buffer reaches
 * a slow viewer piece by piece. Frames without a slot are ordered and limited: beyond the limit, `onOverflow` replaces
 * them.
 */
export class SseViewer {
  readonly #response: ServerResponse;
  readonly #gzip: boolean;
  readonly #onOverflow: (() => SseFrame) | undefined;
  readonly #snapshots = new Map<string, SseFrame>();
  #ordered: SseFrame[] = [];
  #orderedBytes = 0;
  #blockedSince = 0;

  /** @param onOverflow creates the frame that replaces ordered frames beyond the limit */
  constructor(request: IncomingMessage, response: ServerResponse, onOverflow?: () => SseFrame) {
    this.#response = response;
    this.#onOverflow = onOverflow;
    this.#gzip = /\bgzip\b(?!;q=0(?:[,;\s]|$))/.test(String(request.headers['accept-encoding'] ?? ''));
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      // The socket of a stream is not used again, so it closes with the stream.
      connection: 'close',
      'x-content-type-options': 'nosniff',
      vary: 'accept-encoding',
      ...(this.#gzip && { 'content-encoding': 'gzip' }),
    });
    response.socket?.setNoDelay(true);
    response.on('drain', () => this.#drain());
    // A reset by the peer is not an error; 'close' follows.
    response.on('error', () => response.destroy());
    // The server lets a client half-close and wait for the answer, but this answer never ends.
    const { socket } = response;
    const leave = () => response.destroy();
    socket?.once('end', leave);
    response.once('close', () => socket?.off('end', leave));
    if (this.#gzip) response.write(GZIP_HEADER);
    this.#write(RETRY);
  }

  /** Bytes held for this viewer alone: ordered frames, and the buffer of its socket. */
  get waitingBytes(): number {
    return this.#orderedBytes + this.#response.writableLength;
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  /** @param slot the snapshot that a newer frame replaces; undefined: the frame is ordered */
  send(frame: SseFrame, slot?: string): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    if (this.#blockedSince === 0) {
      this.#write(frame);
      return;
    }
    if (Date.now() - this.#blockedSince > STALL_MS) {
      this.#response.destroy();
      return;
    }
    if (slot === undefined) this.#queue(frame);
    else this.#snapshots.set(slot, frame);
  }

  end(): void {
    this.#response.end();
    // A viewer that does not read would keep the server from stopping.
    setTimeout(() => this.#response.destroy(), 500).unref();
  }

  #queue(frame: SseFrame): void {
    this.#ordered.push(frame);
    this.#orderedBytes += frame.plain.length;
    if (this.#orderedBytes <= MAX_ORDERED_BYTES || this.#onOverflow === undefined) return;
    this.#ordered = [this.#onOverflow()];
    this.#orderedBytes = this.#ordered[0]?.plain.length ?? 0;
  }

  #write(frame: SseFrame): void {
    if (!this.#response.write(this.#gzip ? frame.deflated : frame.plain)) this.#blockedSince = Date.now();
  }

  #drain(): void {
    this.#blockedSince = 0;
    for (let frame = this.#next(); frame !== undefined; frame = this.#blockedSince === 0 ? this.#next() : undefined) {
      this.#write(frame);
    }
  }

  #next(): SseFrame | undefined {
    const ordered = this.#ordered.shift();
    if (ordered !== undefined) {
      this.#orderedBytes -= ordered.plain.length;
      return ordered;
    }
    const [slot] = this.#snapshots.keys();
    if (slot === undefined) return undefined;
    const frame = this.#snapshots.get(slot);
    this.#snapshots.delete(slot);
    return frame;
  }
}
