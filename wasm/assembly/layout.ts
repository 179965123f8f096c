/**
 * The layout of linear memory. This file divides everything below MEMORY_BASE; the compiler's data starts there
 * (`--memoryBase` in build-wasm.ts), followed by the table of contests.
 *
 * SLACK lets 16-byte loads and stores run past the end of their data.
 */
import { MAX_BATCH_BYTES, MAX_BATCH_VOTES, MAX_VOTE_BYTES } from './limits';

const SLACK: usize = 64;

export const INPUT: usize = 4096;
export const INPUT_SIZE: usize = MAX_BATCH_BYTES;

/** Canonical votes: as long as the input, plus 2 bytes for each map entry without a value. */
export const OUTPUT: usize = INPUT + INPUT_SIZE + SLACK;
export const OUTPUT_SIZE: usize = 2 * MAX_BATCH_BYTES + MAX_VOTE_BYTES;

export const ENDS: usize = OUTPUT + OUTPUT_SIZE + SLACK;
export const INDEXES: usize = ENDS + 4 * MAX_BATCH_VOTES;
export const PARTITIONS: usize = INDEXES + 4 * MAX_BATCH_VOTES;
export const CONTESTS: usize = PARTITIONS + 2 * MAX_BATCH_VOTES;

/** Rejections: see rejection.ts. */
export const REJECTIONS: usize = CONTESTS + 2 * MAX_BATCH_VOTES;
export const REJECTION_SIZE: usize = 48;

/** Resolved strings of one vote; together they are never longer than the vote. */
export const SCRATCH: usize = REJECTIONS + REJECTION_SIZE * MAX_BATCH_VOTES;
export const SCRATCH_SIZE: usize = <usize>MAX_VOTE_BYTES + SLACK;

/** The vote being read (vote.ts). */
export const VOTE: usize = SCRATCH + SCRATCH_SIZE;
export const ATTRIBUTES: usize = VOTE + 128;

/** The string read last (json-string.ts). */
export const STRING: usize = ATTRIBUTES + 256;

export const LAYOUT_END: usize = STRING + 64;
