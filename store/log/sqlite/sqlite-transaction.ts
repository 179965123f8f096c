import type { DatabaseSync, StatementSync } from 'node:sqlite';

const SQLITE_BUSY = 5;

/**
 * Runs write transactions of one connection while other processes write to the same file.
 *
 * This replaces SQLite's busy timeout, which backs off to a poll every 100 ms and then rarely hits the gap between two
 * transactions of a busy writer.
 */
export class SqliteTransactions {
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #waitMs: number;

  constructor(database: DatabaseSync, waitMs: number) {
    database.exec('PRAGMA busy_timeout = 0');
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#rollback = database.prepare('ROLLBACK');
    this.#waitMs = waitMs;
  }

  /** @throws the error of `work`, after the rollback; "database is locked" if other processes hold the lock too long */
  run<T>(work: () => T): T {
    waitWhileBusy(this.#waitMs, () => this.#begin.run());
    try {
      const result = work();
      // In WAL mode, the writer that holds the lock commits without waiting for readers.
      this.#commit.run();
      return result;
    } catch (error) {
      this.#tryRollback();
      throw error;
    }
  }

  #tryRollback(): void {
    try {
      this.#rollback.run();
    } catch {
      // SQLite has already rolled back, as it does on a full disk; the first error is the cause.
    }
  }
}

/** Retries while another process holds the lock, for at most `waitMs`. Blocks the thread. */
export function waitWhileBusy(waitMs: number, action: () => void): void {
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const deadline = performance.now() + waitMs;
  for (let tries = 0; ; tries++) {
    try {
      action();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(clock, 0, 0, tries < 100 ? 1 : 5);
    }
  }
}

function isBusy(error: unknown): boolean {
  // The lower 8 bits of an extended result code are the primary code.
  return error instanceof Error && 'errcode' in error && (Number(error.errcode) & 0xff) === SQLITE_BUSY;
}
