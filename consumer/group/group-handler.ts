import type { Logger } from '../../log/logger.ts';
import type { Deployment } from '../../store/deployment/deployment.ts';
import type { Redis } from '../../store/redis/redis.ts';
import type { FailedEntry } from '../../store/streams/dead-letters.ts';
import type { Delivery } from './stream-entry.ts';

/** Handles the entries of one group. */
export interface GroupHandler {
  readonly group: 'tally' | 'log';
  /**
   * Milliseconds between a read that returned entries and the next one. After a pause in traffic, entries are read at
   * once; under load, a short delay gathers many small entries into one read, which costs about as much as 50 votes.
   */
  readonly readEveryMs: number;
  /**
   * Handles and acknowledges entries. If it rejects, it is called again with the same entries, so it must be
   * idempotent. Entries that it leaves pending are redelivered after CLAIM_IDLE_MS.
   */
  handle(deliveries: readonly Delivery[]): Promise<void>;
}

/** An entry that could not be handled. */
export interface EntryFailure extends Omit<FailedEntry, 'limit'> {
  /** True if the entry is now a dead letter; false if it will be retried. */
  readonly dead: boolean;
}

export interface GroupWorkerOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly consumer: string;
  readonly claimIdleMs: number;
  /** An entry with more deliveries is handled alone, because it may be crashing consumers. */
  readonly maxDeliveries: number;
  readonly handler: GroupHandler;
  /** Creates missing streams and groups. */
  readonly deployment: Pick<Deployment, 'repair'>;
  readonly log: Logger;
  readonly onFailed: (failure: EntryFailure) => void;
  /** Called with the number of pending entries that are missing because another program trimmed the stream. */
  readonly onLost: (entries: number) => void;
}
