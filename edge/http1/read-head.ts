import { EMPTY_HASH, hashByte, useOfHeader } from './known-headers.ts';
import type { Http1Limits } from './limits.ts';

/** The part of the target after the `?`; empty if there is none. */
export type VoteQueryText = '' | 'wait=counted' | 'outcomes=each';

/** The head of a request of the subset. */
export interface VoteHead {
  readonly query: VoteQueryText;
  /** As sent. */
  readonly contentType: string;
  readonly contentLength: number;
  readonly authorization: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly traceparent: string | undefined;
  readonly requestId: string | undefined;
  /** Where the body begins. */
  readonly end: number;
}

export type HeadResult = VoteHead | 'incomplete' | 'foreign';

interface RequestLine {
  readonly query: VoteQueryText;
  readonly bytes: Buffer;
}

const PLAIN: RequestLine = { query: '', bytes: Buffer.from('POST /v1/votes HTTP/1.1\r\n') };
const WAITING: RequestLine = { query: 'wait=counted', bytes: Buffer.from('POST /v1/votes?wait=counted HTTP/1.1\r\n') };
/** Edge workers send these. */
const EACH: RequestLine = { query: 'outcomes=each', bytes: Buffer.from('POST /v1/votes?outcomes=each HTTP/1.1\r\n') };
const MAX_CONTENT_LENGTH_DIGITS = 7;

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const COLON = 0x3a;

/** Letters, digits and the hyphen: every name of the subset. */
const NAME_BYTES = byteTable(/[A-Za-z0-9-]/);
const HOST_BYTES = byteTable(/[A-Za-z0-9.:[\]-]/);

/**
 * Reads the head of a request at bytes[from]. It knows one strict, unambiguous form of `POST /v1/votes`: HTTP/1.1, one
 * Host, one Content-Length in plain digits, one Content-Type, no name twice, CRLF line ends, visible ASCII, nothing
 * that changes the framing of the message. `foreign`: this is another form, whatever follows. Every HTTP/1.1 parser
 * reads the accepted form the same way; anything else goes to another parser from its first byte. This rules out
 * request smuggling.
 */
export function readHead(bytes: Buffer, from: number, limits: Http1Limits): HeadResult {
  const line = requestLine(bytes, from);
  if (typeof line === 'string') return bytes.length - from > limits.headBytes ? 'foreign' : line;
  const result = new HeaderReader(bytes, from + line.bytes.length, line.query).read(limits.headers);
  const end = typeof result === 'string' ? bytes.length : result.end;
  return result !== 'foreign' && end - from > limits.headBytes ? 'foreign' : result;
}

function requestLine(bytes: Buffer, from: number): RequestLine | 'incomplete' | 'foreign' {
  const hasQuery = bytes[from + QUERY_AT] === QUESTION_MARK;
  const line = hasQuery ? (bytes[from + QUERY_AT + 1] === LOWER_O ? EACH : WAITING) : PLAIN;
  const length = Math.min(line.bytes.length, bytes.length - from);
  for (let at = 0; at < length; at++) if (bytes[from + at] !== line.bytes[at]) return 'foreign';
  return length < line.bytes.length ? 'incomplete' : line;
}

const QUERY_AT = 'POST /v1/votes'.length;
const QUESTION_MARK = 0x3f;
const LOWER_O = 0x6f;

class HeaderReader {
  readonly #bytes: Buffer;
  readonly #query: VoteQueryText;
  #at: number;
  /** Hashes of the names so far. Two names with the same hash count as a duplicate. */
  readonly #hashes: number[] = [];
  #host = false;
  #contentLength = -1;
  #contentType: string | undefined;
  #authorization: string | undefined;
  #forwardedFor: string | undefined;
  #traceparent: string | undefined;
  #requestId: string | undefined;

  constructor(bytes: Buffer, at: number, query: VoteQueryText) {
    this.#bytes = bytes;
    this.#at = at;
    this.#query = query;
  }

  read(maxHeaders: number): HeadResult {
    const bytes = this.#bytes;
    while (this.#at < bytes.length && bytes[this.#at] !== CR) {
      if (this.#hashes.length === maxHeaders) return 'foreign';
      const failure = this.#header();
      if (failure !== undefined) return failure;
    }
    if (bytes.length - this.#at < 2) return 'incomplete';
    if (bytes[this.#at + 1] !== LF) return 'foreign';
    if (!this.#host || this.#contentLength < 0 || this.#contentType === undefined) return 'foreign';
    return {
      query: this.#query,
      contentType: this.#contentType,
      contentLength: this.#contentLength,
      authorization: this.#authorization,
      forwardedFor: this.#forwardedFor,
      traceparent: this.#traceparent,
      requestId: this.#requestId,
      end: this.#at + 2,
    };
  }

  /** One line: a name, a colon, at most one space, a value without space around it, CRLF. */
  #header(): 'incomplete' | 'foreign' | undefined {
    const bytes = this.#bytes;
    const nameStart = this.#at;
    let at = nameStart;
    let hash = EMPTY_HASH;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === COLON) break;
      if (NAME_BYTES[byte] === 0) return 'foreign';
      hash = hashByte(hash, byte);
    }
    if (at === nameStart && at < bytes.length) return 'foreign';
    const nameEnd = at++;
    if (bytes[at] === SPACE) at++;
    const valueStart = at;
    for (; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === CR) break;
      if (byte < SPACE || byte > 0x7e) return 'foreign';
    }
    if (bytes.length - at < 2) return 'incomplete';
    if (bytes[at + 1] !== LF || at === valueStart) return 'foreign';
    if (bytes[valueStart] === SPACE || bytes[at - 1] === SPACE) return 'foreign';
    this.#at = at + 2;
    for (const known of this.#hashes) if (known === hash) return 'foreign';
    this.#hashes.push(hash);
    return this.#use(nameStart, nameEnd, hash, valueStart, at) ? undefined : 'foreign';
  }

  /** Applies a header; returns false if the request is foreign. */
  #use(nameStart: number, nameEnd: number, hash: number, start: number, end: number): boolean {
    const bytes = this.#bytes;
    switch (useOfHeader(bytes, nameStart, nameEnd, hash)) {
      case undefined:
        return true;
      case 'host':
        this.#host = true;
        return isHost(bytes, start, end);
      case 'content-length':
        this.#contentLength = readDigits(bytes, start, end);
        return this.#contentLength >= 0;
      case 'content-type':
        this.#contentType = bytes.toString('latin1', start, end);
        return true;
      case 'connection':
        return bytes.toString('latin1', start, end).toLowerCase() === 'keep-alive';
      case 'authorization':
        this.#authorization = bytes.toString('latin1', start, end);
        return true;
      case 'x-forwarded-for':
        this.#forwardedFor = bytes.toString('latin1', start, end);
        return true;
      case 'traceparent':
        this.#traceparent = bytes.toString('latin1', start, end);
        return true;
      case 'x-request-id':
        this.#requestId = bytes.toString('latin1', start, end);
        return true;
      case 'foreign':
        return false;
    }
  }
}

function isHost(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (HOST_BYTES[bytes[at] ?? 0] === 0) return false;
  return true;
}

/** Reads plain digits; -1 for anything else, or a number larger than any body. */
function readDigits(bytes: Buffer, start: number, end: number): number {
  const length = end - start;
  if (length > MAX_CONTENT_LENGTH_DIGITS || (length > 1 && bytes[start] === 0x30)) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function byteTable(allowed: RegExp): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (allowed.test(String.fromCharCode(byte)) ? 1 : 0));
}
