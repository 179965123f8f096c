import type { LogStore } from '../log/log-store.ts';
import type { Redis } from '../redis/redis.ts';
import type { TallyVote } from '../tally/tally.ts';

export interface RecountOptions {
  readonly redis: Redis;
  readonly log: LogStore;
  readonly partitions: number;
  readonly voteIdWindowHours: number;
  readonly contest: string;
  /** Replace the tally with the recount, atomically in each partition. */
  readonly apply: boolean;
  /** Maximum time to wait for the log to catch up with the tally, per partition. */
  readonly waitMs: number;
  /** Decodes the bytes of a dead letter; undefined if they are not a VoteBatch. */
  readonly decode: (bytes: Uint8Array) => readonly TallyVote[] | undefined;
  /** Called repeatedly with the number of votes recounted so far. */
  readonly onProgress?: (votes: number) => void;
}
