import type { HeaderField } from '../hpack/header-field.ts';
import type { FieldSink } from '../hpack/hpack-decoder.ts';
import type { Http2Limits } from '../limits.ts';
import { RequestHeaders } from './request-headers.ts';

export type HeaderVerdict = 'valid' | 'malformed' | 'too-large';

const CONNECTION_SPECIFIC = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);
/** Up to 15 digits, more than any body needs. */
const CONTENT_LENGTH = /^[0-9]{1,15}$/;

/**
 * Collects the fields of one block and validates them by RFC 9113, 8.2 and 8.3. Fields beyond the limits are decoded,
 * because the peer's table depends on them, but not kept.
 */
export class HeaderList implements FieldSink {
  readonly #limits: Http2Limits;
  readonly #trailers: boolean;
  readonly headers = new RequestHeaders();
  #pseudo = 0;
  #bytes = 0;
  #pairs = 0;
  #host: string | undefined;
  #malformed = false;

  constructor(limits: Http2Limits, trailers: boolean) {
    this.#limits = limits;
    this.#trailers = trailers;
  }

  field(field: HeaderField): void {
    this.#bytes += field.bytes;
    this.#pairs++;
    if (this.#bytes > this.#limits.headerListBytes || this.#pairs > this.#limits.headerPairs) return;
    if (!field.wellFormed) this.#malformed = true;
    else if (field.name.charCodeAt(0) === COLON) this.#pseudoHeader(field);
    else this.#header(field);
  }

  verdict(): HeaderVerdict {
    if (this.#bytes > this.#limits.headerListBytes || this.#pairs > this.#limits.headerPairs) return 'too-large';
    if (this.#malformed) return 'malformed';
    return this.#trailers || this.#isRequest() ? 'valid' : 'malformed';
  }

  #isRequest(): boolean {
    const { headers } = this;
    if (this.#host !== undefined) {
      if (headers.authority === '') headers.authority = this.#host;
      else if (headers.authority.toLowerCase() !== this.#host.toLowerCase()) return false;
    }
    if (headers.method === 'CONNECT') return this.#pseudo === (METHOD | AUTHORITY) && headers.authority !== '';
    if ((this.#pseudo & REQUIRED) !== REQUIRED) return false;
    const { path } = headers;
    return headers.method !== '' && (path.charCodeAt(0) === SLASH || (path === '*' && headers.method === 'OPTIONS'));
  }

  #pseudoHeader({ name, value }: HeaderField): void {
    const bit = PSEUDO_HEADERS.get(name) ?? 0;
    // Unknown, repeated, after an ordinary header, or in trailers.
    if (bit === 0 || (this.#pseudo & bit) !== 0 || this.headers.fields.length > 0 || this.#trailers) {
      this.#malformed = true;
      return;
    }
    this.#pseudo |= bit;
    if (bit === METHOD) this.headers.method = value;
    else if (bit === SCHEME) this.headers.scheme = value;
    else if (bit === PATH) this.headers.path = value;
    else this.headers.authority = value;
  }

  #header(field: HeaderField): void {
    const { name, value } = field;
    this.headers.fields.push(field);
    if (name === 'content-length') {
      const known = this.headers.contentLength;
      if (!CONTENT_LENGTH.test(value) || (known >= 0 && known !== Number(value))) this.#malformed = true;
      this.headers.contentLength = Number(value);
    } else if (name === 'host') {
      if (this.#host !== undefined && this.#host !== value) this.#malformed = true;
      this.#host = value;
    } else if (name === 'te') {
      if (value.toLowerCase() !== 'trailers') this.#malformed = true;
    } else if (CONNECTION_SPECIFIC.has(name)) this.#malformed = true;
  }
}

const COLON = 0x3a;
const SLASH = 0x2f;
const METHOD = 1;
const SCHEME = 2;
const PATH = 4;
const AUTHORITY = 8;
const REQUIRED = METHOD | SCHEME | PATH;
const PSEUDO_HEADERS = new Map([
  [':method', METHOD],
  [':scheme', SCHEME],
  [':path', PATH],
  [':authority', AUTHORITY],
]);
