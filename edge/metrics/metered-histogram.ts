import { Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from '../../telemetry/metrics/duration-buckets.ts';
import type { RequestMeter } from './request-meter.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Metered {
  readonly labels: Labels;
  readonly meter: RequestMeter;
}

/** Exports the durations of meters, which are already counted; the library's histogram takes single observations. */
export class MeteredHistogram extends Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #read: () => readonly Metered[];

  constructor(
    registry: Registry,
    { name, help, read }: { readonly name: string; readonly help: string; readonly read: () => readonly Metered[] },
  ) {
    super({ name, help, registers: [registry] });
    this.#name = name;
    this.#help = help;
    this.#read = read;
  }

  /** The library reads a metric with this method, also in its own `get`; its types do not declare it. */
  async getForPromString() {
    return {
      name: this.#name,
      help: this.#help,
      type: 'histogram',
      aggregator: 'sum',
      values: this.#read().flatMap((one) => rows(this.#name, one)),
    };
  }
}

function rows(name: string, { labels, meter }: Metered) {
  let total = 0;
  const buckets = [...meter.buckets].map((requests, at) => {
    total += requests;
    return {
      metricName: `${name}_bucket`,
      labels: { le: `${DURATION_BUCKETS[at] ?? '+Inf'}` },
      sharedLabels: labels,
      value: total,
    };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: {}, sharedLabels: labels, value: meter.seconds },
    { metricName: `${name}_count`, labels: {}, sharedLabels: labels, value: total },
  ];
}
