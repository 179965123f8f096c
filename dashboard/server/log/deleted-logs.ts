import { setTimeout as delay } from 'node:timers/promises';
import type { DeletedContest } from '../../../store/contests/records/deleted-contests.ts';
import type { LogStore } from '../../../store/log/log-store.ts';
import { dashboardLog } from '../dashboard-log.ts';

export interface DeletedLogsOptions {
  readonly log: Pick<LogStore, 'removeContest'>;
  /** The deleted contests by id. */
  readonly deleted: () => Readonly<Record<string, DeletedContest>>;
  /** Redis's clock, in milliseconds since 1970. */
  readonly now: () => number;
  readonly everyMs?: number;
}

/** A vote may still be on its way to the log when its contest is deleted. */
const LATE_MS = 3_600_000;

/**
 * Deletes the votes of contests that were deleted with their log. Several dashboards may do so at once. It resumes
 * after a restart, and repeats each deletion for an hour, because votes may still reach the log.
 */
export class DeletedLogs implements AsyncDisposable {
  readonly #options: DeletedLogsOptions;
  readonly #stopping = new AbortController();
  /** Completed deletions. */
  readonly #done = new Set<string>();
  #wake = Promise.withResolvers<void>();
  readonly #running: Promise<void>;

  constructor(options: DeletedLogsOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Handles new deletions at once instead of at the next interval. */
  wake(): void {
    this.#wake.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { everyMs = 60_000 } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      for (const [id, contest] of Object.entries(this.#options.deleted())) {
        if (contest.log === 'deleted' && !signal.aborted) await this.#remove(id, contest.at);
      }
      const turn = new AbortController();
      const pause = delay(everyMs, undefined, { signal: AbortSignal.any([signal, turn.signal]), ref: false });
      await Promise.race([pause.catch(() => undefined), this.#wake.promise]);
      turn.abort();
      this.#wake = Promise.withResolvers<void>();
    }
  }

  async #remove(contest: string, at: string): Promise<void> {
    const { log, now } = this.#options;
    const key = `${contest} ${at}`;
    if (this.#done.has(key)) return;
    try {
      const votes = await log.removeContest(contest, new Date(at));
      if (votes > 0) dashboardLog.info({ contest, votes }, 'Deleted the votes of a deleted contest from the log');
      if (now() - Date.parse(at) > LATE_MS) this.#done.add(key);
    } catch (error) {
      dashboardLog.warn(
        { contest, fault: error },
        'Cannot delete the votes of a deleted contest from the log; retrying',
      );
    }
  }
}
