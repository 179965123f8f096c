import { constants, deflateRawSync } from 'node:zlib';

/** The start of a gzip stream (RFC 1952), without optional fields. */
export const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);

/** One encoded event. Every viewer gets the same bytes, so an event is encoded and compressed once. */
export class SseFrame {
  readonly plain: Buffer;
  #deflated: Buffer | undefined;

  constructor(text: string) {
    this.plain = Buffer.from(text);
  }

  /**
   * The event as complete deflate blocks that refer to nothing before them. Such blocks can be joined in any order
   * after one gzip header; compressing per viewer would cost CPU for each.
   */
  get deflated(): Buffer {
    this.#deflated ??= deflateRawSync(this.plain, { finishFlush: constants.Z_SYNC_FLUSH });
    return this.#deflated;
  }
}

/** Encodes one event. JSON has no raw line breaks, so no text of a contest can end the event early. */
export function sseFrame(event: string, data: unknown, id?: string): SseFrame {
  return new SseFrame(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** A comment that keeps proxies from closing a quiet stream, and a `beat` event for the pages. */
export function heartbeatFrame(now: Date): SseFrame {
  return new SseFrame(`: heartbeat\nevent: beat\ndata: ${JSON.stringify({ at: now.toISOString() })}\n\n`);
}
