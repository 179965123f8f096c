import type { HeaderField } from '../hpack/header-field.ts';

/** The head of a request. Requests whose headers are the same, byte by byte, may share one. */
export class RequestHeaders {
  method = '';
  scheme = '';
  path = '';
  /** Of `:authority`, or else of Host. */
  authority = '';
  /** Of Content-Length; -1 if there is none. */
  contentLength = -1;
  /** All but the pseudo-headers, in order. */
  readonly fields: HeaderField[] = [];

  /**
   * The value of a header, by its name in lower case; several are joined (RFC 9110, 5.3; RFC 9113, 8.2.3). `host` is the
   * authority.
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
