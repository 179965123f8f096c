import type { Logger } from '../../log/logger.ts';
import type { Deployment } from '../../store/deployment/deployment.ts';
import type { Redis } from '../../store/redis/redis.ts';
import type { FailedEntry } from '../../store/streams/dead-letters.ts';
import type { Delivery } from './stream-entry.ts';

/** Processes the entries of one group. */
export interface GroupHandler {
  readonly group: 'tally' | 'log';
  /**
   * Milliseconds between a read that returned entries and the next one. Entries that arrive after a silence are read
   * at once; under load a short pause gathers many small entries into one read, which costs about as much as 50 votes.
   */
  readonly readEveryMs: number;
  /**
   * Processes and acknowledges. If it rejects it is called again with the same entries, so it must be idempotent.
   * Entries that it leaves pending come back after CLAIM_IDLE_MS.
   */
  handle(deliveries: readonly Delivery[]): Promise<void>;
}

/** An entry that could not be handled. */
export interface EntryFailure extends Omit<FailedEntry, 'limit'> {
  /** Whether it is a dead letter now; false: it is retried. */
  readonly dead: boolean;
}

export interface GroupWorkerOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly consumer: string;
  readonly claimIdleMs: number;
  /** An entry delivered more often is handled alone: it may be the one that crashes consumers. */
  readonly maxDeliveries: number;
  readonly handler: GroupHandler;
  /** Creates missing streams and groups. */
  readonly deployment: Pick<Deployment, 'repair'>;
  readonly log: Logger;
  readonly onFailed: (failure: EntryFailure) => void;
  /** Called with the number of pending entries that are gone from the stream: something else trimmed it. */
  readonly onLost: (entries: number) => void;
}
