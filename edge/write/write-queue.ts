import type { EntryBuffer } from './entry/entry-buffer.ts';

/** Maximum number of event loop turns that a write waits. */
const MAX_TURNS = 4;

/**
 * Entries of the partitions that are written together: all partitions on a single server, one partition in a cluster,
 * so that a master that is down does not delay the others.
 */
export class WriteQueue {
  /** Full entries and open ones, in order of their first votes. */
  #entries: EntryBuffer[] = [];
  /** Entries sent that have no result yet. */
  inFlight = 0;
  /** Writes that timed out and are still unanswered; nothing more is sent until they have ended. */
  overdue = 0;
  /** Total number of votes ever added. */
  votes = 0;
  #scheduled = false;
  readonly #flush: (queue: WriteQueue) => void;

  constructor(flush: (queue: WriteQueue) => void) {
    this.#flush = flush;
  }

  get idle(): boolean {
    return this.inFlight === 0 && this.#entries.length === 0;
  }

  push(entry: EntryBuffer): void {
    this.#entries.push(entry);
    if (this.inFlight === 0) this.schedule();
  }

  /** Removes and returns all entries. */
  take(): EntryBuffer[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  /**
   * Flushes once a turn of the event loop brought no further votes, or after a few turns. A turn costs a lone vote some
   * microseconds; under load it fills each write with what all connections have sent.
   */
  schedule(): void {
    if (this.#scheduled || this.#entries.length === 0) return;
    this.#scheduled = true;
    let turns = 0;
    let seen = -1;
    const turn = () => {
      if (this.votes !== seen && ++turns < MAX_TURNS) {
        seen = this.votes;
        setImmediate(turn);
      } else {
        this.#scheduled = false;
        this.#flush(this);
      }
    };
    setImmediate(turn);
  }
}
