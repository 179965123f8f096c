/** Overhead that HPACK and SETTINGS_MAX_HEADER_LIST_SIZE add to the length of each field (RFC 7541, 4.1). */
const FIELD_OVERHEAD_BYTES = 32;

/** A lower-case token; a pseudo-header starts with a colon (RFC 9113, 8.2.1). */
const NAME = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** No control characters except tab, no white space at either end (RFC 9113, 8.2.1; RFC 9110, 5.5). */
const VALUE = /^(?:[!-~\x80-\xff](?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;

/** One header field. Its syntax is checked once, at creation, because most fields are reused from a table. */
export class HeaderField {
  readonly name: string;
  /** One character per byte (latin1). */
  readonly value: string;
  /** Size by HPACK's definition. */
  readonly bytes: number;
  readonly wellFormed: boolean;

  constructor(name: string, value: string) {
    this.name = name;
    this.value = value;
    this.bytes = name.length + value.length + FIELD_OVERHEAD_BYTES;
    this.wellFormed = NAME.test(name) && VALUE.test(value);
  }
}
