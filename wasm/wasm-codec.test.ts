import { assert, describe, expect, test } from 'vitest';
import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import { expectEqual } from '../tests/support/expect-equal.ts';
import { MAX_BATCH_BYTES, MAX_VOTE_BYTES } from './limits.ts';
import { loadModule } from './load-module.ts';
import { VECTOR_TABLE, vectors } from './testing/vectors.ts';
import { WasmCodec } from './wasm-codec.ts';

const module = loadModule('codec');
const utf8 = new TextEncoder();

/** Start of the buffers, and of the compiler's data and the table, in the module's memory. */
const BUFFERS = 4096;
const DATA = 4 << 20;

function configured(onFault?: (fault: unknown) => void): WasmCodec {
  const codec = new WasmCodec(module, onFault);
  codec.configure(VECTOR_TABLE);
  return codec;
}

function voteOf(voter: string): Uint8Array {
  return utf8.encode(`{"contest":"cats-vs-dogs","choice":"cats","voter":"${voter}"}`);
}

/** All of the module's memory. */
function memoryOf(codec: WasmCodec): Uint8Array {
  return new Uint8Array(codec.encodeJson(utf8.encode('{}')).bytes.buffer);
}

/** Makes the next lookup in the table of contests read far past the memory. */
function breakTable(codec: WasmCodec): void {
  memoryOf(codec).fill(0xff, DATA);
}

/** The vectors' bodies, truncated at each sixteenth. */
function* cutBodies() {
  for (const { call, body } of vectors) {
    for (let part = 0; part <= 16; part++) yield { call, body: body.slice(0, Math.floor((body.length * part) / 16)) };
  }
}

describe('a trap in the module (F37)', () => {
  test('fails one call, and the next one gets a fresh instance', () => {
    const faults: unknown[] = [];
    const codec = configured((fault) => faults.push(fault));
    breakTable(codec);
    const failed = codec.encodeJson(voteOf('secret-voter'));
    expect(failed.failure).toStrictEqual({ index: 0, code: ErrorCode.INTERNAL, offset: 0 });
    expect(failed.count).toBe(0);
    assert(faults[0] instanceof WebAssembly.RuntimeError);
    expect(Buffer.from(failed.bytes.buffer).includes('secret-voter'), 'bytes of the failed call are gone').toBeFalsy();

    const next = codec.encodeJson(voteOf('ana'));
    expect(next.failure).toBe(undefined);
    expect(Buffer.from(next.bytes.slice(0, next.ends[0])).includes('ana')).toBeTruthy();
    expect(faults.length).toBe(1);
  });

  test('in a batch discards the whole batch', () => {
    const codec = configured();
    breakTable(codec);
    expect(codec.encodeNdjson(utf8.encode('x\n{}\n{"contest":"a","choice":"b","voter":"c"}')).failure?.code).toBe(
      ErrorCode.INTERNAL,
    );
    const next = codec.encodeNdjson(voteOf('ana'));
    expect([next.failure, next.count, next.rejected]).toStrictEqual([undefined, 1, []]);
  });
});

describe('hostile lengths', () => {
  test('nothing is written outside the buffers', () => {
    const codec = configured();
    const memory = memoryOf(codec);
    const before = memory.slice();
    for (const { call, body } of cutBodies()) codec[call](body);
    expect(codec.encodeJson(utf8.encode('{}')).bytes.buffer, 'no trap, and no growth').toBe(memory.buffer);
    expect(Buffer.from(memory.subarray(0, BUFFERS))).toStrictEqual(Buffer.from(before.subarray(0, BUFFERS)));
    // The compiler keeps the module's variables outside the memory: nothing after the buffers changes.
    expect(Buffer.from(memory.subarray(DATA))).toStrictEqual(Buffer.from(before.subarray(DATA)));
  });

  test('reads nothing of an earlier body', () => {
    const used = configured();
    const fresh = configured();
    const leftovers = [
      utf8.encode(`${'{"contest":"cats-vs-dogs","choice":"cats","voter":"other"}'.repeat(60)}`),
      new Uint8Array(MAX_VOTE_BYTES).fill(0x22),
      new Uint8Array(MAX_VOTE_BYTES).fill(0x0a),
      new Uint8Array(MAX_VOTE_BYTES).fill(0x30),
      new Uint8Array(MAX_VOTE_BYTES).fill(0xbf),
    ];
    const memory = memoryOf(fresh);
    for (const { call, body } of cutBodies()) {
      memory.fill(0, BUFFERS, BUFFERS + MAX_BATCH_BYTES + 64);
      const { failure, count, bytes, ends, rejected } = fresh[call](body);
      for (const leftover of leftovers) {
        used.encodeNdjson(leftover);
        const again = used[call](body);
        expectEqual([again.failure, again.count, again.rejected], [failure, count, rejected]);
        const end = count === 0 ? 0 : ends[count - 1];
        expectEqual(again.bytes.slice(0, end), bytes.slice(0, end));
      }
    }
  });

  test('bodies of maximum length that repeat one byte', () => {
    const codec = configured();
    for (let byte = 0; byte < 256; byte++) {
      const batch = new Uint8Array(MAX_BATCH_BYTES).fill(byte);
      const one = batch.subarray(0, MAX_VOTE_BYTES);
      expect(codec.encodeJson(one).failure?.code ?? ErrorCode.INTERNAL).not.toBe(ErrorCode.INTERNAL);
      expect(codec.encodeVote(one).failure?.code ?? ErrorCode.INTERNAL).not.toBe(ErrorCode.INTERNAL);
      expect(codec.encodeVotes(batch).failure?.code).not.toBe(ErrorCode.INTERNAL);
      expect(codec.encodeNdjson(batch).failure?.code).not.toBe(ErrorCode.INTERNAL);
    }
  });
});

describe('configure', () => {
  test('grows the memory for many options and finds each', () => {
    const options = Array.from({ length: 50_000 }, (_, at) => `option-${at}`);
    const codec = new WasmCodec(module);
    codec.configure({ partitions: 1024, contests: [{ id: 'big', rule: 'open', options }] });
    for (const option of [options[0], options[49_999], options[25_000]]) {
      const encoded = codec.encodeJson(utf8.encode(`{"contest":"big","choice":"${option}","voter":"a"}`));
      expect(encoded.failure).toBe(undefined);
      expect(Buffer.from(encoded.bytes.slice(0, encoded.ends[0])).includes(option ?? '')).toBeTruthy();
    }
    codec.configure(VECTOR_TABLE);
    const gone = codec.encodeJson(utf8.encode('{"contest":"big","choice":"option-1","voter":"a"}'));
    expect(gone.failure?.code).toBe(ErrorCode.UNKNOWN_CONTEST);
  });

  test('refuses a number of partitions out of range', () => {
    for (const partitions of [0, 1025, 1.5, Number.NaN]) {
      expect(() => configured().configure({ ...VECTOR_TABLE, partitions })).toThrow(RangeError);
    }
  });
});
