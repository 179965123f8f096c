import { DURATION_BUCKETS } from '../../telemetry/metrics/duration-buckets.ts';

/** Minimum interval between timed requests, in milliseconds. */
const TIME_EVERY_MS = 10;

/**
 * Counts the requests of one kind by status, and times them: every request at a low rate, and a hundred per second at a
 * high one, because reading the clock twice per vote is not free. A timed request represents all that have ended since
 * the previous timed one, so that rates and quantiles cover all requests.
 */
export class RequestMeter {
  /** Ended requests by status: an HTTP status or a gRPC code. */
  readonly counts: Float64Array;
  /** Ended requests by the bucket of their duration, the last one for all that took longer; not cumulative. */
  readonly buckets = new Float64Array(DURATION_BUCKETS.length + 1);
  /** Sum of the durations, in seconds. */
  seconds = 0;
  #untimed = 0;
  #due = true;
  readonly #onDue = () => {
    this.#due = true;
  };

  /** @param statuses one more than the highest status */
  constructor(statuses: number) {
    this.counts = new Float64Array(statuses);
  }

  /** Returns the time if this request is to be timed, otherwise 0. Pass the value to `end`. */
  start(): number {
    if (!this.#due) return 0;
    this.#due = false;
    setTimeout(this.#onDue, TIME_EVERY_MS);
    return performance.now();
  }

  /** Counts an answered request. `startedAt` is the value from `start`, or 0. */
  end(status: number, startedAt: number): void {
    this.counts[status] = (this.counts[status] ?? 0) + 1;
    this.#untimed++;
    if (startedAt !== 0) this.#time((performance.now() - startedAt) / 1000);
  }

  #time(seconds: number): void {
    const requests = this.#untimed;
    this.#untimed = 0;
    const at = DURATION_BUCKETS.findIndex((bucket) => seconds <= bucket);
    const bucket = at < 0 ? DURATION_BUCKETS.length : at;
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + requests;
    this.seconds += seconds * requests;
  }
}
