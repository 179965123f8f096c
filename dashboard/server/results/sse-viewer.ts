import type { ServerResponse } from 'node:http';

/** What may wait for a viewer that reads slowly, in bytes; together with the socket's own buffer below 256 KiB. */
const MAX_WAITING_BYTES = 128 * 1024;
/** A viewer that reads nothing for this long is gone. */
const STALL_MS = 30_000;

/**
 * One open event stream. Frames go straight to the socket while the viewer keeps up. Otherwise they wait, the newest
 * frame of a slot in the place of the one that waited, and what does not fit is left out.
 */
export class SseViewer {
  readonly #response: ServerResponse;
  readonly #onOverflow: () => Uint8Array | undefined;
  readonly #waiting = new Map<string, Uint8Array>();
  #waitingBytes = 0;
  #unnamed = 0;
  #blockedSince = 0;

  /**
   * @param onOverflow makes the frame that takes the place of everything that waited and no longer fits
   */
  constructor(response: ServerResponse, onOverflow: () => Uint8Array | undefined = () => undefined) {
    this.#response = response;
    this.#onOverflow = onOverflow;
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      // A stream's socket is not used again, so that it closes with the stream.
      connection: 'close',
      'x-content-type-options': 'nosniff',
    });
    response.socket?.setNoDelay(true);
    response.on('drain', () => this.#drain());
    // A peer that resets is no fault of ours; 'close' follows.
    response.on('error', () => response.destroy());
    response.write('retry: 2000\n\n');
  }

  /** Bytes that wait for this viewer, here and in its socket. */
  get waitingBytes(): number {
    return this.#waitingBytes + this.#response.writableLength;
  }

  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  /** @param slot what a newer frame replaces while it waits; undefined: frames wait in order */
  send(frame: Uint8Array, slot?: string): void {
    if (this.#response.destroyed || this.#response.writableEnded) return;
    if (this.#blockedSince === 0) {
      this.#write(frame);
      return;
    }
    if (Date.now() - this.#blockedSince > STALL_MS) {
      this.#response.destroy();
      return;
    }
    const key = slot ?? `#${this.#unnamed++}`;
    this.#waitingBytes += frame.length - (this.#waiting.get(key)?.length ?? 0);
    this.#waiting.set(key, frame);
    if (this.#waitingBytes <= MAX_WAITING_BYTES) return;
    this.#clear();
    const instead = this.#onOverflow();
    // With nothing to say in their place, the viewer comes back and gets a fresh snapshot.
    if (instead === undefined) this.#response.destroy();
    else {
      this.#waiting.set('overflow', instead);
      this.#waitingBytes = instead.length;
    }
  }

  end(): void {
    this.#response.end();
    // A viewer that does not read would keep the server from stopping.
    setTimeout(() => this.#response.destroy(), 500).unref();
  }

  #write(frame: Uint8Array): void {
    if (!this.#response.write(frame)) this.#blockedSince = Date.now();
  }

  #drain(): void {
    this.#blockedSince = 0;
    for (const [key, frame] of this.#waiting) {
      this.#waiting.delete(key);
      this.#waitingBytes -= frame.length;
      this.#write(frame);
      if (this.#blockedSince > 0) return;
    }
  }

  #clear(): void {
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }
}

/** Encodes one event. JSON has no line breaks of its own, so that no text of a contest can end the event early. */
export function sseFrame(event: string, data: unknown, id?: string): Uint8Array {
  return Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** A comment that keeps proxies from closing a quiet stream, and a `beat` event, which pages can see. */
export function heartbeatFrame(now: Date): Uint8Array {
  return Buffer.from(`: heartbeat\nevent: beat\ndata: ${JSON.stringify({ at: now.toISOString() })}\n\n`);
}
