/** Reads that take longer than this make the counts stale: a frozen store neither answers nor fails. */
const LATE_MS = 1000;

/** Tracks since when reads of a polled source have failed. */
export class StaleWatch {
  readonly #onChange: (since: string | null) => void;
  #readingSince: number | undefined;
  #since: string | null = null;

  constructor(onChange: (since: string | null) => void) {
    this.#onChange = onChange;
  }

  /** ISO 8601; null: the last read succeeded. */
  get since(): string | null {
    return this.#since;
  }

  begin(): void {
    this.#readingSince = Date.now();
  }

  end(succeeded: boolean): void {
    this.#set(succeeded ? null : (this.#readingSince ?? Date.now()));
    this.#readingSince = undefined;
  }

  /** Detects a hanging read; call it often. */
  check(): void {
    if (this.#readingSince !== undefined && Date.now() - this.#readingSince > LATE_MS) this.#set(this.#readingSince);
  }

  #set(since: number | null): void {
    // Only the first failure sets the time.
    if ((since === null) === (this.#since === null)) return;
    this.#since = since === null ? null : new Date(since).toISOString();
    this.#onChange(this.#since);
  }
}
