import { DEFAULT_WINDOW_BYTES, Flag, FrameType, Setting } from '../frames/frame.ts';
import { FrameReader, type FrameSink } from '../frames/frame-reader.ts';
import { HpackDecoder } from '../hpack/hpack-decoder.ts';

export interface FuzzResponse {
  /** `name: value` of headers and trailers. */
  readonly fields: string[];
  readonly data: Buffer[];
  ended: boolean;
  reset: number | undefined;
  /** The server's send window for this stream. */
  window: number;
}

/** Tracks the server's output from the client's side. Throws for anything that the server must not send. */
export class ResponseReader implements FrameSink {
  readonly responses = new Map<number, FuzzResponse>();
  goAway: number | undefined;
  pingAnswers = 0;
  window = DEFAULT_WINDOW_BYTES;
  /**
   * Window that the server has granted to the client: on the connection, and on streams beyond their initial window.
   */
  readonly credit = new Map<number, number>([[0, DEFAULT_WINDOW_BYTES]]);
  /** The server's SETTINGS_INITIAL_WINDOW_SIZE. */
  streamCredit = DEFAULT_WINDOW_BYTES;
  readonly #hpack = new HpackDecoder();
  readonly #reader = new FrameReader(this, 16_384);

  receive(chunk: Buffer): void {
    this.#reader.push(chunk, 0);
  }

  frame(type: number, flags: number, id: number, bytes: Buffer, start: number, end: number): boolean {
    if (this.goAway !== undefined && this.goAway > 0) throw new Error(`Frame of type ${type} after GOAWAY`);
    if (type === FrameType.HEADERS) this.#headers(flags, this.#open(id), bytes, start, end);
    else if (type === FrameType.DATA) this.#data(flags, this.#open(id), bytes.subarray(start, end));
    else if (type === FrameType.RST_STREAM) this.#reset(this.#response(id), bytes.readUInt32BE(start));
    else if (type === FrameType.GOAWAY) this.goAway = bytes.readUInt32BE(start + 4);
    else if (type === FrameType.PING) this.pingAnswers++;
    else if (type === FrameType.SETTINGS) this.#settings(bytes, start, end);
    else if (type === FrameType.WINDOW_UPDATE) {
      this.credit.set(id, (this.credit.get(id) ?? 0) + bytes.readUInt32BE(start));
    } else throw new Error(`The server sends a frame of type ${type}`);
    return true;
  }

  frameTooLarge(type: number): void {
    throw new Error(`The server sends a frame of type ${type} that is too large`);
  }

  /** A request opens a stream. */
  expect(id: number, window: number): void {
    this.responses.set(id, { fields: [], data: [], ended: false, reset: undefined, window });
  }

  #response(id: number): FuzzResponse {
    const response = this.responses.get(id);
    if (response === undefined) throw new Error(`Frame on stream ${id}, which was not opened`);
    return response;
  }

  #open(id: number): FuzzResponse {
    const response = this.#response(id);
    if (response.ended || response.reset !== undefined) throw new Error(`Frame on stream ${id} after its end`);
    return response;
  }

  #reset(response: FuzzResponse, code: number): void {
    if (response.reset !== undefined) throw new Error('A stream is reset twice');
    response.reset = code;
  }

  #headers(flags: number, response: FuzzResponse, bytes: Buffer, start: number, end: number): void {
    if ((flags & Flag.END_HEADERS) === 0) throw new Error('A small header block is split');
    const field = ({ name, value }: { name: string; value: string }) => void response.fields.push(`${name}: ${value}`);
    if (!this.#hpack.decode(bytes, start, end, { field })) throw new Error('A header block is not HPACK');
    response.ended = (flags & Flag.END_STREAM) !== 0;
  }

  #data(flags: number, response: FuzzResponse, data: Buffer): void {
    if (response.fields.length === 0) throw new Error('DATA before HEADERS');
    response.data.push(Buffer.from(data));
    response.window -= data.length;
    this.window -= data.length;
    if (data.length > 0 && (response.window < 0 || this.window < 0)) throw new Error('A window is exceeded');
    response.ended = (flags & Flag.END_STREAM) !== 0;
  }

  #settings(bytes: Buffer, start: number, end: number): void {
    for (let at = start; at < end; at += 6) {
      if (bytes.readUInt16BE(at) === Setting.INITIAL_WINDOW_SIZE) this.streamCredit = bytes.readUInt32BE(at + 2);
    }
  }
}
