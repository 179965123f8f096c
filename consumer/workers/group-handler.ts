import type { Deployment } from '../../store/deployment/deployment.ts';
import type { Redis } from '../../store/redis/redis.ts';
import type { Delivery } from './stream-entry.ts';

/** What is done with the entries of one group. */
export interface GroupHandler {
  readonly group: 'tally' | 'log';
  /**
   * Milliseconds between a read that brought something and the next one. What comes after a silence is read at once;
   * under load a short wait gathers many small entries into one read, and each read costs about as much as 50 votes.
   */
  readonly readEveryMs: number;
  /**
   * Does the work and acknowledges. Called again with the same entries where it rejects: whatever it did before must do
   * no harm then. Entries that it leaves pending come back after CLAIM_IDLE_MS.
   */
  handle(deliveries: readonly Delivery[]): Promise<void>;
}

export interface GroupWorkerOptions {
  readonly redis: Redis;
  readonly partitions: number;
  readonly consumer: string;
  readonly claimIdleMs: number;
  /** An entry that was handed out more often is handled alone, as it may be what ends consumers. */
  readonly maxDeliveries: number;
  readonly handler: GroupHandler;
  /** Creates missing streams and groups. */
  readonly deployment: Pick<Deployment, 'repair'>;
  readonly onDead: (reason: string) => void;
  /** Told of what a person should know: entries that were lost, faults that repeat. */
  readonly onAlarm: (alarm: WorkerAlarm) => void;
}

export interface WorkerAlarm {
  /** `lost`: pending entries are gone from the stream, which only happens when somebody else trims it. */
  readonly kind: 'lost' | 'fault';
  readonly message: string;
  /** How many entries were lost. */
  readonly entries: number;
}
