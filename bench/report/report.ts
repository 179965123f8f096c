import type { Cell } from '../cells/cell.ts';
import type { LatencySummary } from '../load/job.ts';
import type { Estimate } from '../statistics/median.ts';
import type { Environment } from './environment.ts';

/** Increases when a field changes its meaning or is removed; new fields do not change it. */
export const REPORT_VERSION = 3;

/** The content of `report.json`; `bench/report/report.schema.json` describes each field. */
export interface Report {
  readonly version: typeof REPORT_VERSION;
  readonly createdAt: string;
  /** True if every row is valid and every cell was measured. */
  readonly valid: boolean;
  /** True if the machine was too busy for a verdict; run it again. */
  readonly busy: boolean;
  /** Reasons why the run is not valid. */
  readonly invalid: readonly string[];
  readonly settings: BenchSettings;
  readonly environment: Environment;
  readonly rows: readonly Row[];
  /** Every pair of rows that differs in one factor, compared window by window. */
  readonly effects: readonly Effect[];
  readonly freshness: readonly Freshness[];
  /** Each codec alone, without a server. */
  readonly codecs: readonly CodecCost[];
  /** The minimum costs of any server. */
  readonly limits: readonly LimitCost[];
  /** Measurements omitted because the load generator fell behind. */
  readonly repeated: readonly {
    readonly variant: string;
    readonly round: number;
    readonly reasons: readonly string[];
  }[];
  /** CPU-milliseconds of a fixed piece of work, the median of each pass: how fast the machine was. */
  readonly yardstickMs: readonly number[];
  readonly verdict: readonly VerdictLine[];
}

/**
 * The factor in which two rows differ. `path`: HTTP/1.1 with JSON against gRPC with protobuf, the two paths of the
 * product, both with the WASM codec. `language`: the edge against a peer.
 */
export type Factor = 'path' | 'server' | 'transport' | 'encoding' | 'codec' | 'shape' | 'runtime' | 'language';

/** The effect of one change on the server's CPU time per vote. */
export interface Effect {
  readonly factor: Factor;
  readonly block: string;
  /** Row ids. */
  readonly from: string;
  readonly to: string;
  readonly fromLabel: string;
  readonly toLabel: string;
  /** CPU of `to` as a multiple of `from`, with its 95 % interval. */
  readonly ratio: Estimate;
  /** The ratio of each window, by pass. */
  readonly ratios: readonly (readonly number[])[];
  /** The cheaper one; `none`: they cost about the same (less than a fifth apart), or the data do not tell them apart. */
  readonly cheaper: 'from' | 'to' | 'none';
}

export interface BenchSettings {
  /** The fewest passes of each block from which effects are derived, each on new processes. */
  readonly rounds: number;
  /** Windows of each cell in a pass. */
  readonly windows: number;
  readonly warmupMs: number;
  readonly measureMs: number;
  readonly quick: boolean;
  readonly interrupted: boolean;
  /** True if the time ran out before the last pass or window. */
  readonly cutShort: boolean;
  /** US dollars per vCPU-second. */
  readonly cpuPrice: number;
}

/** The part of a row from which effects are derived. */
export type CostRow = Pick<
  Row,
  | ('id' | 'scenario' | 'transport' | 'encoding' | 'codec' | 'runtime' | 'rung' | 'mode' | 'contest' | 'connections')
  | ('streams' | 'load' | 'valid' | 'invalid' | 'cpuSecondsPerMillion' | 'rounds')
>;

/** One cell over all windows. */
export interface Row {
  readonly id: string;
  /** The block of the cell. */
  readonly scenario: string;
  readonly transport: Cell['transport'];
  readonly encoding: Cell['encoding'];
  readonly codec: Cell['codec'];
  readonly runtime: Cell['runtime'];
  /** The kind of the server. */
  readonly rung: Cell['server'];
  /** `single`, `batch-<n>`, `stream-<n>`. */
  readonly mode: string;
  readonly contest: Cell['contest'];
  readonly connections: number;
  readonly streams: number;
  /**
   * `closed`, the arrival rate in requests per second, or a share of the cell's own capacity in percent; `overload`:
   * 200 %.
   */
  readonly load: 'closed' | 'overload' | `${number}%` | number;
  readonly valid: boolean;
  readonly invalid: readonly string[];
  /** CPU-seconds of the server per million acknowledged votes; null if they could not be read. */
  readonly cpuSecondsPerMillion: Estimate | null;
  /** The same, with each window divided by its calibration and multiplied by the median calibration of the run. */
  readonly normalizedCpuSecondsPerMillion: Estimate | null;
  /** All system calls of the server; null if perf is not installed or not allowed to count. */
  readonly systemCallsPerVote: number | null;
  /** The server's read and write calls; null if this system does not report them. */
  readonly ioCallsPerVote: number | null;
  /** Share of a core that the server used within the window, median. */
  readonly serverCpuShare: number | null;
  /** CPU-seconds of Redis and of the consumer per million votes. */
  readonly redisCpuSecondsPerMillion: Estimate | null;
  readonly consumerCpuSecondsPerMillion: Estimate | null;
  /** Votes acknowledged per second, median. */
  readonly throughput: number;
  readonly throughputInterval: Estimate;
  /** From the intended send time, all windows together. */
  readonly latencyMs: LatencyMs | null;
  /** From the actual send: hides the time that a request waited for a free connection. */
  readonly rawLatencyMs: LatencyMs | null;
  /** Requests of the smallest window: a percentile is reported if enough of them lie above it. */
  readonly latencySamples: number;
  /** The 99th percentiles of the windows. */
  readonly p99Ms: Estimate | null;
  /** HdrHistogram V2, compressed, base64, microseconds. */
  readonly histogram: string | null;
  readonly bytesPerVote: { readonly sent: number; readonly received: number };
  /** Peak resident memory. */
  readonly rssBytes: number | null;
  readonly coldStartMs: Estimate | null;
  /** Votes, over all passes, warm-up included. */
  readonly acknowledged: number;
  readonly stored: number | null;
  readonly counted: number | null;
  readonly failed: number;
  readonly unknown: number;
  readonly generatorCpuShare: number;
  readonly rounds: readonly RoundRow[];
}

/** One window of a row. */
export interface RoundRow {
  readonly pass: number;
  readonly window: number;
  readonly calibrationMs: number;
  readonly cpuSecondsPerMillion: number | null;
  readonly throughput: number;
  readonly p99Ms: number | null;
  readonly invalid: readonly string[];
}

export type LatencyMs = LatencySummary;

/** Milliseconds from sending a vote until it is counted and until a viewer's page shows it. */
export interface Freshness {
  readonly path: 'http' | 'grpc';
  readonly samples: number;
  /** Background load in votes per second over the same path. */
  readonly backgroundRate: number;
  readonly countedMs: LatencyMs;
  readonly shownMs: LatencyMs | null;
}

/** The cost of one vote in a codec alone; each round is a new process. */
export interface CodecCost {
  readonly codec: 'wasm' | 'typescript';
  /** `JSON`, `NDJSON of 500`, ... */
  readonly work: string;
  readonly bytesPerVote: number;
  /** CPU time. */
  readonly nanosecondsPerVote: Estimate;
  readonly rounds: number;
}

/** The cost of a step that every path needs. */
export interface LimitCost {
  /** `copy of the request`, `XADD in Redis`. */
  readonly limit: string;
  /** `JSON`, `NDJSON of 500`. */
  readonly work: string;
  readonly cpuSecondsPerMillion: Estimate;
  readonly rounds: number;
}

/** One sentence with the figures that support it. */
export interface VerdictLine {
  readonly kind: 'headline' | 'path' | 'codec' | 'reason' | 'batching' | 'latency' | 'caution';
  readonly text: string;
  /** Ids of the rows that it is based on. */
  readonly rows: readonly string[];
}
