/** The time as of the last tick: deadlines and rates need no better, and a system call per frame would be felt. */
export interface Clock {
  /** Milliseconds of `performance.now()`. */
  readonly now: number;
}
