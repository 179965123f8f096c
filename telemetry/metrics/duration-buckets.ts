/** Upper bounds of request durations in seconds: a vote takes about a millisecond, and one that waits up to five seconds. */
export const DURATION_BUCKETS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
