/** The time as of the last tick: precise enough for deadlines and rates, without a system call per frame. */
export interface Clock {
  /** Milliseconds of `performance.now()`. */
  readonly now: number;
}
