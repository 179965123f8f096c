import { DEFAULT_WINDOW_BYTES, Flag, FrameType, MAX_WINDOW_BYTES, PREFACE, Setting } from '../frames/frame.ts';
import { frame, setting, uint32 } from '../testing/raw-peer.ts';
import { HpackWriter } from './hpack-writer.ts';
import type { Random } from './random.ts';
import type { ResponseReader } from './response-reader.ts';

const MAX_OPEN = 20;
const NAMES = ['accept', 'content-type', 'user-agent', 'x-a', 'x-b', 'x-long', 'grpc-timeout'];

interface OpenRequest {
  readonly id: number;
  sent: number;
}

/** A client that acts at random within the protocol, and knows which answers to expect. */
export class ModelClient {
  readonly #random: Random;
  readonly #reader: ResponseReader;
  readonly #hpack: HpackWriter;
  readonly #open = new Map<number, OpenRequest>();
  /** Streams that ended without a reset and must be answered. */
  readonly ended = new Set<number>();
  /** Maximum number of further body bytes. */
  #budget: number;
  #initialWindow = DEFAULT_WINDOW_BYTES;
  nextId = 1;

  constructor(random: Random, reader: ResponseReader, budget: number) {
    this.#random = random;
    this.#reader = reader;
    this.#hpack = new HpackWriter(random);
    this.#budget = budget;
  }

  /** Entries of its dynamic table. */
  get tableEntries(): number {
    return this.#hpack.entries;
  }

  preface(): Buffer {
    return Buffer.concat([PREFACE, this.#settings()]);
  }

  /** The bytes of its next action. */
  step(): Buffer {
    const random = this.#random;
    const request = random.pick([...this.#open.values(), undefined]);
    switch (random.int(12)) {
      case 0:
        return frame(FrameType.PRIORITY, 0, this.nextId, Buffer.concat([uint32(0), Uint8Array.of(1)]));
      case 1:
        return frame(0x20 + random.int(200), random.int(256), random.int(100), random.bytes(random.int(20)));
      case 2:
        return random.oneIn(4) ? this.#settings() : Buffer.alloc(0);
      case 3:
        return this.#grant(random.int(20_000) + 1);
      case 4:
        return request === undefined ? Buffer.alloc(0) : random.oneIn(6) ? this.#reset(request) : this.#end(request);
      case 5:
      case 6:
      case 7:
        return request === undefined ? this.#request() : this.#end(request);
      case 8:
      case 9:
      case 10:
        return request === undefined ? Buffer.alloc(0) : this.#data(request, 0);
      default:
        return this.#open.size < MAX_OPEN ? this.#request() : Buffer.alloc(0);
    }
  }

  /** Ends every request, and lets the server send everything. */
  finish(): Buffer {
    const parts = [...this.#open.values()].map((request) => this.#end(request));
    parts.push(this.#window(0, 2 ** 24));
    for (const id of this.ended) parts.push(this.#window(id, 2 ** 20));
    return Buffer.concat(parts);
  }

  #request(): Buffer {
    const random = this.#random;
    const id = this.nextId;
    this.nextId += 2 * (1 + random.int(2));
    const pairs: [string, string][] = [
      [':method', random.pick(['POST', 'PUT'])],
      [':scheme', 'http'],
      [':path', random.pick(['/', '/', '/index.html', `/${random.text(random.int(30)).replaceAll('#', '')}`])],
      [':authority', random.pick(['localhost', 'example.com:80'])],
    ];
    // Repeated headers, like those of real clients.
    for (let count = random.int(3); count > 0; count--) pairs.push([random.pick(NAMES), random.pick(['1', '2', '3'])]);
    for (let count = random.oneIn(2) ? 0 : random.int(6); count > 0; count--) {
      pairs.push([random.pick(NAMES), random.text(random.oneIn(10) ? 1_500 : random.int(40))]);
    }
    this.#reader.expect(id, this.#initialWindow);
    const ends = random.oneIn(3);
    if (ends) this.ended.add(id);
    else this.#open.set(id, { id, sent: 0 });
    return this.#headers(id, this.#hpack.block(pairs), ends ? Flag.END_STREAM : 0);
  }

  #headers(id: number, block: Buffer, flags: number): Buffer {
    const random = this.#random;
    const parts = random.oneIn(4) ? 1 + random.int(4) : 1;
    const size = Math.max(1, Math.ceil(block.length / parts));
    let payload: Buffer = block.subarray(0, size);
    let first = flags;
    if (random.oneIn(4)) {
      payload = Buffer.concat([uint32(0), Uint8Array.of(16), payload]);
      first |= Flag.PRIORITY;
    }
    if (random.oneIn(4)) {
      payload = this.#pad(payload);
      first |= Flag.PADDED;
    }
    if (size >= block.length) return frame(FrameType.HEADERS, first | Flag.END_HEADERS, id, payload);
    const frames = [frame(FrameType.HEADERS, first, id, payload)];
    for (let at = size; at < block.length; at += size) {
      const last = at + size >= block.length ? Flag.END_HEADERS : 0;
      frames.push(frame(FrameType.CONTINUATION, last, id, block.subarray(at, at + size)));
    }
    return Buffer.concat(frames);
  }

  /** Body bytes within the windows and the budget, often exactly up to the limit. */
  #data(request: OpenRequest, flags: number): Buffer {
    const random = this.#random;
    const { credit, streamCredit } = this.#reader;
    const connection = credit.get(0) ?? 0;
    const stream = streamCredit + (credit.get(request.id) ?? 0) - request.sent;
    const room = Math.min(connection, stream, this.#budget, 16_384);
    const wanted = random.oneIn(3) ? room : Math.min(room, random.int(3_000));
    const padded = wanted > 1 && random.oneIn(4);
    const padding = padded ? Math.min(wanted - 1, random.int(256)) : 0;
    const bytes = Math.max(0, padded ? wanted - 1 - padding : wanted);
    if (bytes === 0 && flags === 0) return Buffer.alloc(0);
    const data = random.bytes(bytes);
    const payload = padded ? Buffer.concat([Uint8Array.of(padding), data, Buffer.alloc(padding)]) : data;
    request.sent += payload.length;
    this.#budget -= payload.length;
    credit.set(0, connection - payload.length);
    return frame(FrameType.DATA, flags | (padded ? Flag.PADDED : 0), request.id, payload);
  }

  #end(request: OpenRequest): Buffer {
    this.#open.delete(request.id);
    this.ended.add(request.id);
    if (!this.#random.oneIn(3)) return this.#data(request, Flag.END_STREAM);
    return this.#headers(request.id, this.#hpack.block([['x-trailer', this.#random.text(10)]]), Flag.END_STREAM);
  }

  #reset(request: OpenRequest): Buffer {
    this.#open.delete(request.id);
    return frame(FrameType.RST_STREAM, 0, request.id, uint32(8));
  }

  #settings(): Buffer {
    const random = this.#random;
    const initialWindow = random.pick([0, 1, 10, 1_000, DEFAULT_WINDOW_BYTES, 1_000_000]);
    // The server may still use the larger window while the setting is in flight, so only increases count at once.
    for (const response of this.#reader.responses.values()) {
      response.window += Math.max(0, initialWindow - this.#initialWindow);
    }
    if (initialWindow > this.#initialWindow || this.nextId === 1) this.#initialWindow = initialWindow;
    else return frame(FrameType.SETTINGS, 0, 0, setting(Setting.HEADER_TABLE_SIZE, random.int(5_000)));
    return frame(FrameType.SETTINGS, 0, 0, setting(Setting.INITIAL_WINDOW_SIZE, initialWindow));
  }

  #grant(bytes: number): Buffer {
    const id = this.#random.pick([0, ...this.ended]);
    return this.#window(id, bytes);
  }

  #window(id: number, bytes: number): Buffer {
    const response = this.#reader.responses.get(id);
    const window = id === 0 ? this.#reader.window : (response?.window ?? 0);
    if (window + bytes > MAX_WINDOW_BYTES) return Buffer.alloc(0);
    if (id === 0) this.#reader.window += bytes;
    else if (response !== undefined) response.window += bytes;
    return frame(FrameType.WINDOW_UPDATE, 0, id, uint32(bytes));
  }

  #pad(payload: Buffer): Buffer {
    const padding = this.#random.int(100);
    return Buffer.concat([Uint8Array.of(padding), payload, Buffer.alloc(padding)]);
  }
}
