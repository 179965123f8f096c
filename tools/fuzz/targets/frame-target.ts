import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FrameReader } from '../../../edge/grpc/framing/frame-reader.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { damaged } from './damaged.ts';

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

/** The messages of a stream do not depend on its chunk boundaries. */
export function frameTarget(Reader: typeof FrameReader = FrameReader): FuzzTarget {
  const read = (chunks: readonly Buffer[]) => {
    const found: string[] = [];
    const reader = new Reader(
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
  };
  return {
    inputs: damaged(frames),
    check(input) {
      const whole = read([Buffer.from(input)]);
      const bytes = Array.from(input, (byte) => Buffer.from([byte]));
      assert.deepEqual(read(bytes), whole);
      const middle = input.length >> 1;
      assert.deepEqual(read([Buffer.from(input.subarray(0, middle)), Buffer.from(input.subarray(middle))]), whole);
    },
  };
}
