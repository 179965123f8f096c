import type { HeaderField } from '../hpack/header-field.ts';

/** The head of a request. Requests with byte-identical headers may share one. */
export class RequestHeaders {
  method = '';
  scheme = '';
  path = '';
  /** The value of `:authority`, or else of Host. */
  authority = '';
  /** The value of Content-Length; -1 if there is none. */
  contentLength = -1;
  /** All fields except pseudo-headers, in order. */
  readonly fields: HeaderField[] = [];

  /**
   * The value of a header by its lower-case name; several values are joined (RFC 9110, 5.3; RFC 9113, 8.2.3). `host`
   * returns the authority.
   */
  get(name: string): string | undefined {
    if (name === 'host') return this.authority === '' ? undefined : this.authority;
    let value: string | undefined;
    for (const field of this.fields) {
      if (field.name !== name) continue;
      value = value === undefined ? field.value : `${value}${name === 'cookie' ? '; ' : ', '}${field.value}`;
    }
    return value;
  }
}
