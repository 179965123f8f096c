/** Bucket bounds for request durations in seconds: a vote takes about 1 ms, or up to 5 s if it waits for its count. */
export const DURATION_BUCKETS: readonly number[] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
