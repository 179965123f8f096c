import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import { MAX_BATCH_BYTES, MAX_VOTE_BYTES } from './limits.ts';
import { loadModule } from './load-module.ts';
import { VECTOR_TABLE, vectors } from './testing/vectors.ts';
import { WasmCodec } from './wasm-codec.ts';

const module = loadModule('codec');
const utf8 = new TextEncoder();

/** Where in the module's memory the buffers begin, and where the compiler's data and the table do. */
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

/** Makes the next look into the table of contests read far beyond the memory. */
function breakTable(codec: WasmCodec): void {
  memoryOf(codec).fill(0xff, DATA);
}

/** Bodies that the vectors have, cut at every sixteenth part. */
function* cutBodies() {
  for (const { call, body } of vectors) {
    for (let part = 0; part <= 16; part++) yield { call, body: body.slice(0, Math.floor((body.length * part) / 16)) };
  }
}

describe('a trap in the module (F37)', () => {
  test('costs one call, and the next one has a fresh instance', () => {
    const faults: unknown[] = [];
    const codec = configured((fault) => faults.push(fault));
    breakTable(codec);
    const failed = codec.encodeJson(voteOf('secret-voter'));
    assert.deepEqual(failed.failure, { index: 0, code: ErrorCode.INTERNAL, offset: 0 });
    assert.equal(failed.count, 0);
    assert.ok(faults[0] instanceof WebAssembly.RuntimeError);
    assert.ok(!Buffer.from(failed.bytes.buffer).includes('secret-voter'), 'bytes of the failed call are gone');

    const next = codec.encodeJson(voteOf('ana'));
    assert.equal(next.failure, undefined);
    assert.ok(Buffer.from(next.bytes.slice(0, next.ends[0])).includes('ana'));
    assert.equal(faults.length, 1);
  });

  test('in a batch leaves nothing of the batch', () => {
    const codec = configured();
    breakTable(codec);
    assert.equal(
      codec.encodeNdjson(utf8.encode('x\n{}\n{"contest":"a","choice":"b","voter":"c"}')).failure?.code,
      ErrorCode.INTERNAL,
    );
    const next = codec.encodeNdjson(voteOf('ana'));
    assert.deepEqual([next.failure, next.count, next.rejected], [undefined, 1, []]);
  });
});

describe('hostile lengths', () => {
  test('nothing is written outside the buffers', () => {
    const codec = configured();
    const memory = memoryOf(codec);
    const before = memory.slice();
    for (const { call, body } of cutBodies()) codec[call](body);
    assert.equal(codec.encodeJson(utf8.encode('{}')).bytes.buffer, memory.buffer, 'no trap, and no growth');
    assert.deepEqual(Buffer.from(memory.subarray(0, BUFFERS)), Buffer.from(before.subarray(0, BUFFERS)));
    // The compiler keeps the module's few variables outside the memory: behind the buffers nothing changes.
    assert.deepEqual(Buffer.from(memory.subarray(DATA)), Buffer.from(before.subarray(DATA)));
  });

  test('nothing that an earlier body left behind is read', () => {
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
        assert.deepEqual([again.failure, again.count, again.rejected], [failure, count, rejected]);
        const end = count === 0 ? 0 : ends[count - 1];
        assert.ok(Buffer.from(again.bytes.slice(0, end)).equals(bytes.slice(0, end)));
      }
    }
  });

  test('bodies as long as may be, of one byte throughout', () => {
    const codec = configured();
    for (let byte = 0; byte < 256; byte++) {
      const batch = new Uint8Array(MAX_BATCH_BYTES).fill(byte);
      const one = batch.subarray(0, MAX_VOTE_BYTES);
      assert.notEqual(codec.encodeJson(one).failure?.code ?? ErrorCode.INTERNAL, ErrorCode.INTERNAL);
      assert.notEqual(codec.encodeVote(one).failure?.code ?? ErrorCode.INTERNAL, ErrorCode.INTERNAL);
      assert.notEqual(codec.encodeVotes(batch).failure?.code, ErrorCode.INTERNAL);
      assert.notEqual(codec.encodeNdjson(batch).failure?.code, ErrorCode.INTERNAL);
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
      assert.equal(encoded.failure, undefined);
      assert.ok(Buffer.from(encoded.bytes.slice(0, encoded.ends[0])).includes(option ?? ''));
    }
    codec.configure(VECTOR_TABLE);
    const gone = codec.encodeJson(utf8.encode('{"contest":"big","choice":"option-1","voter":"a"}'));
    assert.equal(gone.failure?.code, ErrorCode.UNKNOWN_CONTEST);
  });

  test('refuses a number of partitions out of range', () => {
    for (const partitions of [0, 1025, 1.5, Number.NaN]) {
      assert.throws(() => configured().configure({ ...VECTOR_TABLE, partitions }), RangeError);
    }
  });
});
