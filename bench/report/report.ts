import type { DriverResult, LatencySummary, SecondRow } from '../load/job.ts';
import type { Layer, Variant } from '../runner/variant.ts';
import type { Estimate } from '../statistics/median.ts';
import type { Environment } from './environment.ts';

/** Grows when a field changes its meaning or goes; new fields alone do not change it. */
export const REPORT_VERSION = 1;

/** What `report.json` holds; described field by field in `bench/report/report.schema.json`. */
export interface Report {
  readonly version: typeof REPORT_VERSION;
  readonly createdAt: string;
  /** Every row is valid and every variant was measured. */
  readonly valid: boolean;
  /** Why it is not. */
  readonly invalid: readonly string[];
  readonly settings: BenchSettings;
  readonly environment: Environment;
  readonly rows: readonly Row[];
  readonly freshness: readonly Freshness[];
  /** Each codec alone, without a server. */
  readonly codecs: readonly CodecCost[];
  /** Measurements that were taken again because the generator itself fell behind. */
  readonly repeated: readonly {
    readonly variant: string;
    readonly round: number;
    readonly reasons: readonly string[];
  }[];
  /** CPU-milliseconds of a fixed piece of work at the start of each round: how fast the machine was. */
  readonly yardstickMs: readonly number[];
  readonly verdict: readonly VerdictLine[];
}

export interface BenchSettings {
  readonly rounds: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  /** Of the rounds after the first: shorter where the machine was too slow for the time that a run may take. */
  readonly laterMeasureMs: number;
  readonly quick: boolean;
  readonly interrupted: boolean;
  /** A quick run's minute was over before its last round. */
  readonly cutShort: boolean;
  readonly driver: DriverResult['driver'];
  /** Null: processes started for the purpose. */
  readonly target: string | null;
  /** US dollars a vCPU-second. */
  readonly cpuPrice: number;
  /** Votes a second that the monthly cost is computed for. */
  readonly votesPerSecond: number;
}

/** One variant over all rounds. */
export interface Row {
  readonly id: string;
  /** Who sent its votes. */
  readonly driver: DriverResult['driver'];
  readonly scenario: string;
  readonly transport: Variant['transport'];
  readonly codec: Variant['codec'];
  readonly runtime: Variant['runtime'];
  readonly rung: Layer;
  /** `single`, `batch-<n>`, `stream-<n>`. */
  readonly mode: string;
  readonly payload: Variant['payload'];
  readonly contest: Variant['contest'];
  readonly connections: number;
  readonly streams: number;
  /** `closed`, or the arrival rate in requests per second; `paced`: the rate that the edge reached in the same round. */
  readonly load: 'closed' | 'overload' | 'paced' | number;
  readonly valid: boolean;
  readonly invalid: readonly string[];
  /** CPU-seconds of the server per million acknowledged votes; null where it could not be read. */
  readonly cpuSecondsPerMillion: Estimate | null;
  /** Share of a core that the server used within the window, median; below 1 at saturation: something else ran on it. */
  readonly serverCpuShare: number | null;
  /** The same of Redis and of the consumer, which both paths share. */
  readonly redisCpuSecondsPerMillion: Estimate | null;
  readonly consumerCpuSecondsPerMillion: Estimate | null;
  /** Votes acknowledged a second, median. */
  readonly throughput: number;
  readonly throughputInterval: Estimate;
  /** From the intended send time, all rounds together; null for a generator that does not tell. */
  readonly latencyMs: LatencyMs | null;
  /** From the actual send: what hides the generator's own waiting. */
  readonly rawLatencyMs: LatencyMs | null;
  /** The rounds' own 99th percentiles. */
  readonly p99Ms: Estimate | null;
  /** HdrHistogram V2, compressed, base64, microseconds. */
  readonly histogram: string | null;
  /** `sent` is null where a foreign generator does not tell. */
  readonly bytesPerVote: { readonly sent: number | null; readonly received: number };
  /** Peak of the rounds. */
  readonly rssBytes: number | null;
  readonly eventLoopDelayMs: Estimate | null;
  readonly coldStartMs: Estimate | null;
  /** Votes, over all rounds, warm-up included. */
  readonly acknowledged: number;
  readonly stored: number | null;
  readonly counted: number | null;
  readonly failed: number;
  readonly unknown: number;
  readonly generatorCpuShare: number;
  readonly rounds: readonly RoundRow[];
}

export interface RoundRow {
  readonly round: number;
  readonly cpuSecondsPerMillion: number | null;
  readonly throughput: number;
  readonly p99Ms: number | null;
  readonly invalid: readonly string[];
  readonly seconds: readonly SecondRow[];
}

export type LatencyMs = LatencySummary;

/** How old a vote is when it is counted and when a viewer's page has it. Milliseconds from the send. */
export interface Freshness {
  readonly path: 'http' | 'grpc';
  readonly samples: number;
  /** Votes a second on the side, over the same path. */
  readonly backgroundRate: number;
  readonly countedMs: LatencyMs;
  readonly shownMs: LatencyMs | null;
}

/** What one vote costs in a codec alone; each round is a process of its own. */
export interface CodecCost {
  readonly codec: 'wasm' | 'typescript';
  /** `JSON`, `NDJSON of 500`, ... */
  readonly work: string;
  readonly bytesPerVote: number;
  /** CPU time. */
  readonly nanosecondsPerVote: Estimate;
  readonly rounds: number;
}

/** One sentence that follows from the data, with the figures that it rests on. */
export interface VerdictLine {
  readonly kind: 'headline' | 'path' | 'codec' | 'reason' | 'batching' | 'latency' | 'cost' | 'indifferent' | 'caution';
  readonly text: string;
  /** Rows that it compares. */
  readonly rows: readonly string[];
}
