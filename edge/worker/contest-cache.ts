import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Contest } from '../../store/contests/contest.ts';
import type { Upstream } from './upstream.ts';
import { withDeadline } from './with-deadline.ts';

/** At this age the list is fetched again while the old one stays in use. */
const REFRESH_MS = 1000;
/** Beyond this age the list is not used. */
const MAX_AGE_MS = 5000;

/** The upstream's contests, at most MAX_AGE_MS old. */
export class ContestCache {
  readonly #upstream: Upstream;
  readonly #listeners: (() => void)[] = [];
  #contests: Contest[] = [];
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #clockOffset = 0;
  #refreshing: Promise<void> | undefined;
  #refreshBegan = 0;

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
  }

  list(): Contest[] {
    return this.#contests;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.push(listener);
    return () => undefined;
  }

  /** The upstream's clock, within about a second: a Date header has no fractions. */
  now(): number {
    return Date.now() + this.#clockOffset;
  }

  /**
   * Call before using the contests. Returns a problem if no list is recent enough; `refreshing` is pending as long as a
   * fetch that this call started, which a platform must not cancel.
   */
  async prepare(): Promise<{ problem?: Problem; refreshing?: Promise<void> }> {
    const age = performance.now() - this.#fetchedAt;
    if (age < REFRESH_MS) return {};
    const isLost = performance.now() - this.#refreshBegan > MAX_AGE_MS;
    const refreshing = (isLost ? undefined : this.#refreshing) ?? this.#refresh();
    if (age < MAX_AGE_MS) return { refreshing };
    await withDeadline(refreshing, MAX_AGE_MS);
    return performance.now() - this.#fetchedAt < MAX_AGE_MS ? {} : { problem: NO_CONTESTS };
  }

  #refresh(): Promise<void> {
    const began = performance.now();
    this.#refreshBegan = began;
    this.#refreshing = this.#upstream.contests().then(
      ({ contests, now }) => {
        this.#contests = contests;
        this.#fetchedAt = began;
        this.#clockOffset = now - Date.now();
        this.#refreshing = undefined;
        for (const listener of this.#listeners) listener();
      },
      (error) => {
        this.#refreshing = undefined;
        console.error(`Cannot fetch the contests from ${this.#upstream.origin}:`, error);
      },
    );
    return this.#refreshing;
  }
}

const NO_CONTESTS: Problem = {
  code: ErrorCode.STORE_UNAVAILABLE,
  detail: 'The upstream edge is unavailable; the vote was not stored: send it again',
  retryAfter: 1,
};
