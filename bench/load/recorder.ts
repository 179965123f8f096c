import type { Histogram } from 'hdr-histogram-js';
import hdr from 'hdr-histogram-js';
import type { Reply } from './channels/channel.ts';
import type { DriverResult, LatencySummary, Outcomes } from './job.ts';

type MutableOutcomes = { -readonly [K in keyof Outcomes]: number };

const newOutcomes = (): MutableOutcomes => ({ offered: 0, acknowledged: 0, failed: 0, unknown: 0 });

/** 1 microsecond to 10 minutes, three significant digits. */
const newHistogram = (): Histogram =>
  hdr.build({ lowestDiscernibleValue: 1, highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: 3 });

/** Records requests and answers, over the whole run and within the window. */
export class Recorder {
  readonly total = newOutcomes();
  readonly window = newOutcomes();
  /** True between the end of the warm-up and the end of the measurement. */
  measuring = false;
  readonly #corrected = newHistogram();
  readonly #raw = newHistogram();
  readonly #reasons = new Map<string, number>();

  offered(votes: number) {
    this.total.offered += votes;
    if (this.measuring) this.window.offered += votes;
  }

  replied(reply: Reply) {
    add(this.total, reply);
    if (reply.reason !== undefined) {
      const votes = reply.failed + reply.unknown;
      this.#reasons.set(reply.reason, (this.#reasons.get(reply.reason) ?? 0) + votes);
    }
    if (this.measuring) add(this.window, reply);
  }

  /** Microseconds from the intended and from the actual send to the reply. Only for requests of the window. */
  latency(corrected: number, raw: number) {
    this.#corrected.recordValue(Math.max(1, Math.round(corrected)));
    this.#raw.recordValue(Math.max(1, Math.round(raw)));
  }

  /** Records a request that was due but never sent because no slot became free; it waited at least this long. */
  neverSent(waited: number) {
    this.#corrected.recordValue(Math.max(1, Math.round(waited)));
  }

  get failures(): DriverResult['failures'] {
    const reasons = [...this.#reasons].map(([reason, count]) => ({ reason, count }));
    return reasons.sort((a, b) => b.count - a.count).slice(0, 8);
  }

  get latencies(): DriverResult['latency'] {
    return {
      corrected: summarize(this.#corrected),
      raw: summarize(this.#raw),
      histogram: hdr.encodeIntoCompressedBase64(this.#corrected),
      rawHistogram: hdr.encodeIntoCompressedBase64(this.#raw),
    };
  }
}

function add(outcomes: MutableOutcomes, reply: Reply) {
  outcomes.acknowledged += reply.acknowledged;
  outcomes.failed += reply.failed;
  outcomes.unknown += reply.unknown;
}

function summarize(histogram: Histogram): LatencySummary {
  const at = (percentile: number) => histogram.getValueAtPercentile(percentile);
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.maxValue };
}
