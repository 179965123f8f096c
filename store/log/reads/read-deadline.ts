/** Limits of a read. */
export interface ReadBounds {
  /**
   * Milliseconds after which a page stops, also in the store; applies to each read of a scan or range. Default 4,500.
   */
  readonly timeoutMs?: number;
  /** Stops the read, for example because the client has disconnected. */
  readonly signal?: AbortSignal;
}

/** Less than the socket timeout of MongoDB's driver, so that the server stops as well. */
const DEFAULT_TIMEOUT_MS = 4500;

/** A read took longer than allowed: the store is available, but the query has to search too many votes. */
export class LogDeadlineError extends Error {
  override readonly name = 'LogDeadlineError';

  constructor(timeoutMs: number, options?: ErrorOptions) {
    super(
      `The search of the log took longer than ${timeoutMs / 1000} s; filter by contest, voter or a shorter time range`,
      options,
    );
  }
}

/** The deadline of a read in progress. */
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
   * The remaining milliseconds, at least 1.
   *
   * @throws {LogDeadlineError} if the deadline has passed
   * @throws the reason of the signal if it has aborted
   */
  remainingMs(): number {
    this.#signal?.throwIfAborted();
    const left = this.#endsAt - performance.now();
    if (left <= 0) throw this.error();
    return Math.ceil(left);
  }

  /** Starts a new deadline for the next read of a scan. */
  restart(): void {
    this.#endsAt = performance.now() + this.#timeoutMs;
  }

  /** @param cause the store's error */
  error(cause?: unknown): LogDeadlineError {
    return new LogDeadlineError(this.#timeoutMs, { cause });
  }
}
