import { HpackDecoder } from '../hpack/hpack-decoder.ts';
import type { Http2Limits } from '../limits.ts';
import { HeaderCache } from './header-cache.ts';
import { HeaderList, type HeaderVerdict } from './header-list.ts';
import { RequestHeaders } from './request-headers.ts';

/** Decodes the header blocks of one connection. After `false` the connection is unusable (COMPRESSION_ERROR). */
export class HeaderDecoder {
  readonly #limits: Http2Limits;
  readonly #hpack: HpackDecoder;
  readonly #cache = new HeaderCache();
  /** The verdict on the block decoded last. */
  verdict: HeaderVerdict = 'valid';
  headers: RequestHeaders = NO_HEADERS;

  constructor(limits: Http2Limits) {
    this.#limits = limits;
    this.#hpack = new HpackDecoder(limits.headerTableBytes);
  }

  request(block: Buffer, start: number, end: number): boolean {
    const version = this.#hpack.tableVersion;
    const known = this.#cache.find(block, start, end, version);
    if (known !== undefined) {
      this.verdict = 'valid';
      this.headers = known;
      return true;
    }
    if (!this.#decode(block, start, end, false)) return false;
    if (this.verdict === 'valid' && this.#hpack.tableVersion === version) {
      this.#cache.store(block, start, end, version, this.headers);
    }
    return true;
  }

  trailers(block: Buffer, start: number, end: number): boolean {
    return this.#decode(block, start, end, true);
  }

  #decode(block: Buffer, start: number, end: number, trailers: boolean): boolean {
    const list = new HeaderList(this.#limits, trailers);
    if (!this.#hpack.decode(block, start, end, list)) return false;
    this.verdict = list.verdict();
    this.headers = list.headers;
    return true;
  }
}

const NO_HEADERS = new RequestHeaders();
