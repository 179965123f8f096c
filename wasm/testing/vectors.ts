import type { CodecTable } from '../codec.ts';
import type { Vector } from './vector.ts';
import { batchVectors } from './vectors-batch.ts';
import { jsonVectors } from './vectors-json.ts';
import { protobufVectors } from './vectors-protobuf.ts';

/** The contests that all vectors are about. */
export const VECTOR_TABLE: CodecTable = {
  partitions: 4,
  contests: [
    { id: 'cats-vs-dogs', rule: 'one-per-voter', options: ['cats', 'dogs'] },
    { id: 'bandas', rule: 'open', options: ['bohemia-suburbana', 'alux-nahual', 'constructor'] },
    { id: 'x'.repeat(64), rule: 'open', options: ['y'.repeat(64)] },
  ],
};

/** What every codec must hold. Hostile inputs carry the number of their kind in the name, as `17:`. */
export const vectors: readonly Vector[] = [...jsonVectors, ...batchVectors, ...protobufVectors];
