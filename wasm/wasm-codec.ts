import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import type { CodecTable, EncodedVotes, Rejection, VoteCodec } from './codec.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_VOTES, MAX_VOTE_BYTES } from './limits.ts';
import { fieldName } from './rejection-field.ts';
import { votableContests } from './votable-contests.ts';

/** Exports of `assembly/codec.ts`. */
interface CodecExports {
  readonly memory: WebAssembly.Memory;
  readonly INPUT: WebAssembly.Global<'i32'>;
  readonly OUTPUT: WebAssembly.Global<'i32'>;
  readonly OUTPUT_SIZE: WebAssembly.Global<'i32'>;
  readonly ENDS: WebAssembly.Global<'i32'>;
  readonly INDEXES: WebAssembly.Global<'i32'>;
  readonly PARTITIONS: WebAssembly.Global<'i32'>;
  readonly CONTESTS: WebAssembly.Global<'i32'>;
  readonly REJECTIONS: WebAssembly.Global<'i32'>;
  resetTable(slots: number, recordBytes: number, partitions: number): void;
  addOption(contestLength: number, choiceLength: number, contestIndex: number, open: number): void;
  encodeJson(length: number): number;
  encodeNdjson(length: number): number;
  encodeVote(length: number): number;
  encodeCastVote(length: number): number;
  encodeVotes(length: number): number;
  rejections(): number;
  wantsWait(): number;
}

/** Maximum size of a record of the module's table (RECORD_BYTES in assembly/table.ts). */
const RECORD_BYTES = 168;
/** See Rejection in assembly/rejection.ts. */
const REJECTION_BYTES = 48;
const REJECTION_KEY = 16;

const NO_REJECTIONS: readonly Rejection[] = Object.freeze([]);
const EMPTY_TABLE: CodecTable = { partitions: 1, contests: [] };
const utf8 = new TextEncoder();
const ascii = new TextDecoder();

/**
 * The codec in WebAssembly. A body is copied into the module's memory once; the views in EncodedVotes point into that
 * memory.
 *
 * A trap in the module is a bug. It fails one call, with INTERNAL; the instance and its memory are
 * discarded, and the next call gets a fresh one.
 */
export class WasmCodec implements VoteCodec {
  readonly name = 'wasm';
  readonly #module: WebAssembly.Module;
  readonly #onFault: ((fault: unknown) => void) | undefined;
  readonly #encoded: MutableEncodedVotes;
  #table: CodecTable = EMPTY_TABLE;
  #exports: CodecExports;
  #input: Uint8Array;

  /**
   * Takes the module from `loadModule('codec')` or, in a worker, from the platform. `onFault` is called with each trap,
   * for the process's log.
   */
  constructor(module: WebAssembly.Module, onFault?: (fault: unknown) => void) {
    this.#module = module;
    this.#onFault = onFault;
    this.#exports = instantiate(module);
    this.#input = inputOf(this.#exports);
    this.#encoded = new MutableEncodedVotes(this.#exports);
    this.configure(EMPTY_TABLE);
  }

  configure(table: CodecTable): void {
    const contests = votableContests(table);
    this.#table = table;
    const { resetTable, addOption } = this.#exports;
    const records = contests.reduce((sum, contest) => sum + 1 + contest.options.length, 0);
    let slots = 16;
    while (slots < 2 * records) slots *= 2;
    resetTable(slots, records * RECORD_BYTES, table.partitions);
    // If the memory grew, the old views are empty.
    this.#input = inputOf(this.#exports);
    this.#encoded.lookInto(this.#exports);
    for (const { id, index, open, options } of contests) {
      for (const option of ['', ...options]) {
        utf8.encodeInto(id + option, this.#input);
        addOption(id.length, option.length, index, open ? 1 : 0);
      }
    }
  }

  // A call site per export: one shared call site, by name, costs 20 ns per vote.

  encodeJson(body: Uint8Array): EncodedVotes {
    if (!this.#take(body, MAX_VOTE_BYTES)) return this.#encoded;
    try {
      return this.#endOne(this.#exports.encodeJson(body.length));
    } catch (fault) {
      return this.#replace(fault);
    }
  }

  encodeVote(body: Uint8Array): EncodedVotes {
    if (!this.#take(body, MAX_VOTE_BYTES)) return this.#encoded;
    try {
      return this.#endOne(this.#exports.encodeVote(body.length));
    } catch (fault) {
      return this.#replace(fault);
    }
  }

  encodeCastVote(body: Uint8Array): EncodedVotes {
    if (!this.#take(body, MAX_VOTE_BYTES)) return this.#encoded;
    try {
      const encoded = this.#endOne(this.#exports.encodeCastVote(body.length));
      encoded.wait = encoded.failure === undefined && this.#exports.wantsWait() !== 0;
      return encoded;
    } catch (fault) {
      return this.#replace(fault);
    }
  }

  encodeNdjson(body: Uint8Array): EncodedVotes {
    if (!this.#take(body, MAX_BATCH_BYTES)) return this.#encoded;
    try {
      return this.#endMany(this.#exports.encodeNdjson(body.length));
    } catch (fault) {
      return this.#replace(fault);
    }
  }

  encodeVotes(body: Uint8Array): EncodedVotes {
    if (!this.#take(body, MAX_BATCH_BYTES)) return this.#encoded;
    try {
      return this.#endMany(this.#exports.encodeVotes(body.length));
    } catch (fault) {
      return this.#replace(fault);
    }
  }

  /** Copies the body into the module's memory; false if it is rejected unread. */
  #take(body: Uint8Array, maxBytes: number): boolean {
    const encoded = this.#encoded;
    encoded.body = body;
    encoded.failure = undefined;
    encoded.rejected = NO_REJECTIONS;
    encoded.wait = false;
    if (body.length > maxBytes) {
      encoded.fail(tooLarge);
      return false;
    }
    this.#input.set(body);
    return true;
  }

  #endOne(count: number): MutableEncodedVotes {
    if (count < 0) return this.#encoded.fail(this.#encoded.rejection(0));
    this.#encoded.count = 1;
    return this.#encoded;
  }

  #endMany(count: number): MutableEncodedVotes {
    const encoded = this.#encoded;
    if (count < 0) return encoded.fail(encoded.rejection(0));
    encoded.count = count;
    const rejections = this.#exports.rejections();
    if (rejections > 0) encoded.rejected = Array.from({ length: rejections }, (_, at) => encoded.rejection(at));
    return encoded;
  }

  /** A trap or a stack overflow may have left the memory in any state. */
  #replace(fault: unknown): MutableEncodedVotes {
    this.#exports = instantiate(this.#module);
    this.configure(this.#table);
    this.#onFault?.(fault);
    return this.#encoded.fail(internal);
  }
}

const tooLarge: Rejection = { index: 0, code: ErrorCode.TOO_LARGE, offset: 0 };
const internal: Rejection = { index: 0, code: ErrorCode.INTERNAL, offset: 0 };

function instantiate(module: WebAssembly.Module): CodecExports {
  // The cast is safe: the build compiles the module from assembly/codec.ts of the same checkout.
  return new WebAssembly.Instance(module).exports as unknown as CodecExports;
}

function inputOf(exports: CodecExports): Uint8Array {
  return new Uint8Array(exports.memory.buffer, exports.INPUT.value, MAX_BATCH_BYTES);
}

/** The object that every call returns. */
class MutableEncodedVotes implements EncodedVotes {
  failure: Rejection | undefined = undefined;
  body: Uint8Array = new Uint8Array();
  count = 0;
  rejected: readonly Rejection[] = NO_REJECTIONS;
  wait = false;
  bytes: Uint8Array = new Uint8Array();
  ends: Uint32Array = new Uint32Array();
  partition: Uint16Array = new Uint16Array();
  contest: Uint16Array = new Uint16Array();
  index: Uint32Array = new Uint32Array();
  #rejections: DataView = new DataView(new ArrayBuffer(0));

  constructor(exports: CodecExports) {
    this.lookInto(exports);
  }

  lookInto(exports: CodecExports): void {
    const { buffer } = exports.memory;
    this.bytes = new Uint8Array(buffer, exports.OUTPUT.value, exports.OUTPUT_SIZE.value);
    this.ends = new Uint32Array(buffer, exports.ENDS.value, MAX_BATCH_VOTES);
    this.index = new Uint32Array(buffer, exports.INDEXES.value, MAX_BATCH_VOTES);
    this.partition = new Uint16Array(buffer, exports.PARTITIONS.value, MAX_BATCH_VOTES);
    this.contest = new Uint16Array(buffer, exports.CONTESTS.value, MAX_BATCH_VOTES);
    this.#rejections = new DataView(buffer, exports.REJECTIONS.value, MAX_BATCH_VOTES * REJECTION_BYTES);
  }

  fail(failure: Rejection): this {
    this.failure = failure;
    this.count = 0;
    return this;
  }

  rejection(place: number): Rejection {
    const at = place * REJECTION_BYTES;
    const view = this.#rejections;
    const keyAt = view.byteOffset + at + REJECTION_KEY;
    const keyLength = view.getUint8(at + 13);
    const key = keyLength === 0 ? '' : ascii.decode(new Uint8Array(view.buffer, keyAt, keyLength));
    const field = fieldName(view.getUint8(at + 12), key);
    const rejection = {
      index: view.getUint32(at, true),
      // The module's error-code.ts is generated from the same enum.
      code: view.getUint32(at + 4, true) as ErrorCode,
      offset: view.getUint32(at + 8, true),
    };
    return field === undefined ? rejection : { ...rejection, field };
  }
}
