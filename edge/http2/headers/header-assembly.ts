import type { Http2Limits } from '../limits.ts';

/** A header block that is spread over HEADERS and CONTINUATION frames. */
export class HeaderAssembly {
  readonly streamId: number;
  readonly endStream: boolean;
  readonly #parts: Buffer[] = [];
  #bytes = 0;

  constructor(streamId: number, endStream: boolean) {
    this.streamId = streamId;
    this.endStream = endStream;
  }

  /** Returns false if the block exceeds the limit of bytes or frames. */
  add(bytes: Buffer, start: number, end: number, limits: Http2Limits): boolean {
    this.#bytes += end - start;
    this.#parts.push(bytes.subarray(start, end));
    return this.#bytes <= limits.headerBlockBytes && this.#parts.length <= limits.continuationFrames + 1;
  }

  block(): Buffer {
    return Buffer.concat(this.#parts, this.#bytes);
  }
}
