/** What a read may take. */
export interface ReadBounds {
  /** Milliseconds after which a page stops in the store, too; for a scan or a range, each of its reads. Default 4,500. */
  readonly timeoutMs?: number;
  /** Stops the read once its caller has left. */
  readonly signal?: AbortSignal;
}

/** Below the socket timeout of MongoDB's driver, so that the server stops as well. */
const DEFAULT_TIMEOUT_MS = 4500;

/** A read took longer than allowed: the log answers, but has too much to look at. */
export class LogDeadlineError extends Error {
  override readonly name = 'LogDeadlineError';

  constructor(timeoutMs: number, options?: ErrorOptions) {
    super(
      `The log has not found the votes within ${timeoutMs / 1000} s; name a contest or a voter, or a shorter time`,
      options,
    );
  }
}

/** The deadline of a read that has begun. */
export class ReadDeadline {
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;
  #endsAt: number;

  constructor({ timeoutMs = DEFAULT_TIMEOUT_MS, signal }: ReadBounds = {}) {
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#endsAt = performance.now() + timeoutMs;
  }

  /**
   * Milliseconds that are left, at least 1.
   *
   * @throws {LogDeadlineError} if the time is over
   * @throws the reason of the signal if the caller has left
   */
  remainingMs(): number {
    this.#signal?.throwIfAborted();
    const left = this.#endsAt - performance.now();
    if (left <= 0) throw this.error();
    return Math.ceil(left);
  }

  /** Begins the next read of a scan. */
  restart(): void {
    this.#endsAt = performance.now() + this.#timeoutMs;
  }

  /** @param cause how the store noticed */
  error(cause?: unknown): LogDeadlineError {
    return new LogDeadlineError(this.#timeoutMs, { cause });
  }
}
