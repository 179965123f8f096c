import assert from 'node:assert/strict';
import { toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { FrameReader } from '../../edge/grpc/framing/frame-reader.ts';
import { createReceipts } from '../../edge/receipts/receipt.ts';
import { VoteSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { BadCursorError, isCount, readCursor, writeCursor } from '../../store/log/log-cursor.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { ReceiptMac } from '../../wasm/mac/receipt-mac.ts';
import { anyVote, jsonOf, mutated, toMessage, validVote } from '../../wasm/testing/codec-generators.ts';
import { CodecOracle } from '../../wasm/testing/codec-oracle.ts';

/** What a fuzzer feeds bytes to. */
export interface FuzzTarget {
  readonly inputs: fc.Arbitrary<Uint8Array>;
  /** Throws if the product misbehaves on these bytes. */
  check(input: Uint8Array): void;
}

const utf8 = new TextEncoder();
const noise = fc.uint8Array({ maxLength: 64 });
const votes = fc.oneof(validVote, anyVote);
const jsonBodies = votes.chain(jsonOf).map((json) => utf8.encode(json));
const voteBodies = votes.map((vote) => toBinary(VoteSchema, toMessage(vote)));
const damaged = (bodies: fc.Arbitrary<Uint8Array>) => fc.oneof({ weight: 4, arbitrary: bodies.chain(mutated) }, noise);

/** The codecs against each other, JSON.parse, protobuf-es and protovalidate. */
export function codecTargets(oracle: CodecOracle): Readonly<Record<'json' | 'protobuf' | 'batch', FuzzTarget>> {
  return {
    json: { inputs: damaged(jsonBodies), check: (input) => oracle.checkJson(input) },
    protobuf: { inputs: damaged(voteBodies), check: (input) => oracle.checkVote(input) },
    batch: {
      inputs: damaged(fc.oneof(voteBodies, jsonBodies)),
      check(input) {
        for (const call of ['encodeNdjson', 'encodeCastVote', 'encodeVotes'] as const) oracle.agreed(call, input);
      },
    },
  };
}

const MAX_MESSAGE_BYTES = 1000;
const frames = fc
  .array(fc.tuple(fc.constantFrom(0, 0, 0, 1, 2), fc.uint8Array({ maxLength: 40 })), { maxLength: 6 })
  .map((messages) => {
    const parts = messages.map(([flags, message]) => {
      const prefix = Buffer.alloc(5);
      prefix[0] = flags;
      prefix.writeUInt32BE(message.length, 1);
      return Buffer.concat([prefix, message]);
    });
    return new Uint8Array(Buffer.concat(parts));
  });

/** Messages of a stream do not depend on where its chunks are cut. */
const frameReader: FuzzTarget = {
  inputs: damaged(frames),
  check(input) {
    const whole = readFrames([Buffer.from(input)]);
    const bytes = Array.from(input, (byte) => Buffer.from([byte]));
    assert.deepEqual(readFrames(bytes), whole);
    const middle = input.length >> 1;
    assert.deepEqual(readFrames([Buffer.from(input.subarray(0, middle)), Buffer.from(input.subarray(middle))]), whole);
  },
};

function readFrames(chunks: readonly Buffer[]): string[] {
  const found: string[] = [];
  const reader = new FrameReader(
    {
      message(message) {
        found.push(message.toString('hex'));
        return true;
      },
      badMessage: ({ code }) => void found.push(`code ${code}`),
    },
    MAX_MESSAGE_BYTES,
    'identity',
  );
  for (const chunk of chunks) reader.push(chunk);
  return found;
}

/** A receipt is read as it was issued, and no other text is a receipt. */
function receiptTarget(): FuzzTarget {
  const receipts = createReceipts(new ReceiptMac(loadModule('mac'), Buffer.alloc(32, 7)));
  receipts.setEpoch(0, 'AAAAAAAA');
  const issued = new Set(Array.from({ length: 100 }, (_, at) => receipts.issue(0, `1700000000000-${at}`, at)));
  return {
    inputs: damaged(fc.constantFrom(...issued).map((receipt) => utf8.encode(receipt))),
    check(input) {
      const text = Buffer.from(input).toString('latin1');
      const place = receipts.read(text);
      assert.equal(place !== undefined, issued.has(text), text);
      if (place !== undefined) assert.equal(receipts.issue(place.partition, place.entryId, place.index), text);
    },
  };
}

/** A cursor is read as it was written, or rejected. */
const cursor: FuzzTarget = {
  inputs: damaged(
    fc.nat().map((key) => utf8.encode(writeCursor('sqlite', { key: [key, `${key}-1`], index: key % 500 }))),
  ),
  check(input) {
    const text = Buffer.from(input).toString('latin1');
    try {
      const isKey = (key: readonly unknown[]): key is [number, string] =>
        key.length === 2 && isCount(key[0]) && typeof key[1] === 'string';
      const position = readCursor('sqlite', text, isKey);
      assert.deepEqual(readCursor('sqlite', writeCursor('sqlite', position), isKey), position);
    } catch (error) {
      if (!(error instanceof BadCursorError)) throw error;
    }
  },
};

export const TARGETS: Readonly<Record<string, FuzzTarget>> = {
  ...codecTargets(new CodecOracle()),
  frames: frameReader,
  receipts: receiptTarget(),
  cursors: cursor,
};
