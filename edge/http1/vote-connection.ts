import type { Socket } from 'node:net';
import { lingeringClose } from '../../http/connections/lingering-close.ts';
import type { Flushable, FlushTurn } from '../http2/output/flush-turn.ts';
import { logRequestError } from '../log-request-error.ts';
import { formatReply } from './format-reply.ts';
import type { Http1Limits } from './limits.ts';
import { readHead, type VoteHead } from './read-head.ts';
import { VoteExchange } from './vote-exchange.ts';

export interface VoteConnectionOptions {
  readonly limits: Http1Limits;
  /** Milliseconds, and the value of Date headers. */
  readonly clock: { readonly now: number; readonly date: string };
  readonly turn: FlushTurn;
  /** Maximum body size of a content type, in bytes; undefined if votes do not use that type. */
  readonly bodyLimit: (contentType: string) => number | undefined;
  readonly onVotes: (exchange: VoteExchange) => void;
  /** Serves the rest of the connection; `socket` emits its unread bytes again. */
  readonly handOver: (socket: Socket) => void;
  /** Called once the connection is closed or handed over. */
  readonly onGone: (connection: VoteConnection) => void;
}

/** The state of the input. Times in milliseconds of the clock. */
type Input =
  /** Between requests. */
  | { readonly kind: 'idle'; readonly since: number }
  /** The head has not ended. */
  | { readonly kind: 'head'; readonly since: number; readonly bytes: Buffer; readonly pieces: number }
  /** The body has not ended; `length` bytes of it have arrived. */
  | { readonly kind: 'body'; readonly since: number; readonly head: VoteHead; bytes: Buffer; length: number }
  /**
   * The request is outside the subset: after the earlier ones are answered, the socket and `unread` are handed over.
   */
  | { readonly kind: 'foreign'; unread: Buffer }
  /** Nothing more is read: the client or the server ends the connection. */
  | { readonly kind: 'ended' }
  /** The socket is closed or handed over. */
  | { readonly kind: 'gone' };

const TIMEOUT = 'HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n';
const NOTHING = Buffer.alloc(0);

/**
 * An HTTP/1.1 connection on which requests with votes are recognized. Answers are sent in order, one write per turn.
 */
export class VoteConnection implements Flushable {
  readonly #socket: Socket;
  readonly #remoteAddress: string;
  readonly #options: VoteConnectionOptions;
  #input: Input;
  /** Requests read and not answered yet, in order. */
  readonly #pending: VoteExchange[] = [];
  /** Bytes read from the socket that wait for room in `#pending`. */
  #waiting: Buffer | undefined;
  /** True if the server ends the connection after the current request. */
  #closing = false;
  /** True if the client has closed its side. */
  #peerEnded = false;
  #flushing = false;
  #unsentSince = Number.POSITIVE_INFINITY;

  constructor(socket: Socket, options: VoteConnectionOptions) {
    this.#socket = socket;
    this.#remoteAddress = socket.remoteAddress ?? '';
    this.#options = options;
    this.#input = { kind: 'idle', since: options.clock.now };
  }

  /** @param head bytes already read from the socket */
  start(head: Buffer | undefined): void {
    const socket = this.#socket;
    socket.on('data', this.#onData);
    socket.on('drain', this.#onDrain);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
    socket.on('close', this.#onClose);
    if (head !== undefined) this.#onData(head);
  }

  /** Makes the next answer the last one; without a request, the connection ends after `stopIdleMs`. */
  stop(): void {
    this.#closing = true;
    if (this.#pending.length > 0 && this.#input.kind === 'idle') this.#input = { kind: 'ended' };
    else if (this.#input.kind === 'idle') this.#input = { kind: 'idle', since: this.#options.clock.now };
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Enforces the deadlines. */
  sweep(now: number): void {
    const { limits } = this.#options;
    const input = this.#input;
    const { writableLength } = this.#socket;
    if (writableLength === 0) this.#unsentSince = Number.POSITIVE_INFINITY;
    else if (this.#unsentSince === Number.POSITIVE_INFINITY) this.#unsentSince = now;
    if (now - this.#unsentSince > limits.stalledMs) this.destroy();
    else if (input.kind === 'idle') {
      const limit = this.#closing ? limits.stopIdleMs : limits.keepAliveMs;
      if (this.#pending.length === 0 && now - input.since > limit) this.#end();
    } else if (input.kind === 'head') {
      if (now - input.since > limits.headersMs) this.#timeOut();
    } else if (input.kind === 'body' && now - input.since > limits.requestMs) this.#timeOut();
  }

  /** Sends answers in order, up to the first missing one. */
  flush(): void {
    this.#flushing = false;
    if (this.#input.kind === 'gone') return;
    let output = '';
    for (let next = this.#pending[0]; next?.answer !== undefined; next = this.#pending[0]) {
      this.#pending.shift();
      const last = this.#pending.length === 0 && this.#input.kind === 'ended';
      output += formatReply(next.answer, this.#options.clock.date, last);
    }
    if (output !== '') this.#socket.write(output, 'latin1');
    if (this.#input.kind === 'foreign') this.#handOverIfAnswered(this.#input);
    else if (this.#isFull()) this.#socket.pause();
    else this.#resume();
    this.#endIfDone();
  }

  readonly #onData = (chunk: Buffer) => {
    if (this.#waiting !== undefined) this.#waiting = Buffer.concat([this.#waiting, chunk]);
    else this.#read(chunk);
  };

  readonly #onDrain = () => this.#resume();

  readonly #onEnd = () => {
    this.#peerEnded = true;
    this.#endInput();
    this.#endIfDone();
  };

  readonly #onError = () => this.#socket.destroy();

  readonly #onClose = () => this.#gone();

  #read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#isFull()) {
        this.#waiting = at === 0 ? chunk : chunk.subarray(at);
        this.#socket.pause();
        return;
      }
      const input = this.#input;
      if (input.kind === 'idle') at = this.#readHead(chunk, at, this.#options.clock.now, 1);
      else if (input.kind === 'body') at = this.#readBody(input, chunk, at);
      else if (input.kind === 'head') {
        const whole = Buffer.concat([input.bytes, chunk]);
        this.#input = { kind: 'idle', since: input.since };
        this.#readRest(whole, input.since, input.pieces + 1);
        return;
      } else {
        if (input.kind === 'foreign') input.unread = Buffer.concat([input.unread, chunk.subarray(at)]);
        return;
      }
    }
  }

  /** Reads a head that arrived in pieces, and the bytes after it. */
  #readRest(whole: Buffer, since: number, pieces: number): void {
    const at = this.#readHead(whole, 0, since, pieces);
    if (at < whole.length) this.#read(whole.subarray(at));
  }

  /** Returns the position of the first unread byte. */
  #readHead(chunk: Buffer, at: number, since: number, pieces: number): number {
    const { limits, bodyLimit } = this.#options;
    const head = readHead(chunk, at, limits);
    if (head === 'incomplete' && pieces < limits.headPieces) {
      // Copied, because a view of a few bytes would keep the whole socket read in memory.
      this.#input = { kind: 'head', since, bytes: Buffer.from(chunk.subarray(at)), pieces };
      return chunk.length;
    }
    if (typeof head === 'string' || head.contentLength > (bodyLimit(head.contentType) ?? -1)) {
      const foreign: Input = { kind: 'foreign', unread: chunk.subarray(at) };
      this.#input = foreign;
      this.#socket.pause();
      this.#handOverIfAnswered(foreign);
      return chunk.length;
    }
    const end = head.end + head.contentLength;
    if (end <= chunk.length) {
      this.#complete(head, chunk.subarray(head.end, end));
      return end;
    }
    this.#input = { kind: 'body', since, head, bytes: NOTHING, length: 0 };
    return head.end;
  }

  #readBody(input: Extract<Input, { kind: 'body' }>, chunk: Buffer, at: number): number {
    const { contentLength } = input.head;
    const end = Math.min(chunk.length, at + contentLength - input.length);
    const length = input.length + end - at;
    if (input.bytes.length < length) {
      // Grows with the bytes that have arrived, never with the announced length.
      const grown = Buffer.allocUnsafeSlow(Math.min(contentLength, Math.max(length, 2 * input.bytes.length)));
      input.bytes.copy(grown, 0, 0, input.length);
      input.bytes = grown;
    }
    chunk.copy(input.bytes, input.length, at, end);
    input.length = length;
    if (length === contentLength) this.#complete(input.head, input.bytes.subarray(0, length));
    return end;
  }

  #complete(head: VoteHead, body: Buffer): void {
    this.#input = this.#closing ? { kind: 'ended' } : { kind: 'idle', since: this.#options.clock.now };
    const exchange = new VoteExchange(head, body, this.#remoteAddress, this.#onAnswer);
    this.#pending.push(exchange);
    try {
      this.#options.onVotes(exchange);
    } catch (error) {
      // An error in one client's request must not end all others.
      const { requestId, traceparent } = head;
      const ids: Readonly<Record<string, string | undefined>> = { 'x-request-id': requestId, traceparent };
      logRequestError(error, { header: (name) => ids[name] });
      this.#socket.destroy();
    }
  }

  readonly #onAnswer = () => {
    if (this.#flushing || this.#pending[0]?.answer === undefined) return;
    this.#flushing = true;
    this.#options.turn.schedule(this);
  };

  /** Called when the client has closed its side and everything before that has been read. */
  #endInput(): void {
    if (this.#peerEnded && this.#waiting === undefined && !this.#isLeft()) this.#input = { kind: 'ended' };
  }

  #isFull(): boolean {
    const { pipelined, unsentBytes } = this.#options.limits;
    return this.#pending.length >= pipelined || this.#socket.writableLength > unsentBytes;
  }

  #resume(): void {
    if (this.#isFull() || this.#isLeft()) return;
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      this.#read(waiting);
      if (this.#waiting !== undefined || this.#isLeft()) return;
      this.#endInput();
    }
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  /** Whether the socket is, or will be, handed over. */
  #isLeft(): boolean {
    return this.#input.kind === 'foreign' || this.#input.kind === 'gone';
  }

  #handOverIfAnswered(input: Extract<Input, { kind: 'foreign' }>): void {
    if (this.#pending.length > 0) return;
    const socket = this.#socket;
    this.#gone();
    socket.unshift(input.unread);
    this.#options.handOver(socket);
    socket.resume();
  }

  #timeOut(): void {
    // Outstanding answers must come first; they have their own deadlines.
    if (this.#pending.length > 0) return;
    this.#socket.write(TIMEOUT);
    this.#end();
  }

  #endIfDone(): void {
    if (this.#input.kind === 'ended' && this.#pending.length === 0) this.#end();
  }

  #end(): void {
    this.#input = { kind: 'ended' };
    lingeringClose(this.#socket, this.#options.limits.lingerMs);
  }

  #gone(): void {
    if (this.#input.kind === 'gone') return;
    const socket = this.#socket;
    this.#input = { kind: 'gone' };
    socket.off('data', this.#onData).off('drain', this.#onDrain).off('end', this.#onEnd);
    socket.off('error', this.#onError).off('close', this.#onClose);
    this.#options.onGone(this);
  }
}
