import type { CodecTable } from '../codec.ts';
import type { Vector } from './vector.ts';
import { batchVectors } from './vectors-batch.ts';
import { jsonVectors } from './vectors-json.ts';
import { protobufVectors } from './vectors-protobuf.ts';

/** The contests of all vectors. */
export const VECTOR_TABLE: CodecTable = {
  partitions: 4,
  contests: [
    { id: 'cats-vs-dogs', rule: 'one-per-voter', options: ['cats', 'dogs'] },
    { id: 'bandas', rule: 'open', options: ['bohemia-suburbana', 'alux-nahual', 'constructor'] },
    { id: 'x'.repeat(64), rule: 'open', options: ['y'.repeat(64)] },
  ],
};

/** Vectors that every codec must pass. Names of hostile inputs start with the number of their kind, as `17:`. */
export const vectors: readonly Vector[] = [...jsonVectors, ...batchVectors, ...protobufVectors];
