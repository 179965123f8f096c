/** `connect` is Connect's own protocol (unary POST of protobuf) over HTTP/2. */
export type Transport = 'http1' | 'http2' | 'grpc' | 'connect';

/** The body of a request: JSON and NDJSON, or protobuf. gRPC and Connect carry protobuf only. */
export type Encoding = 'json' | 'protobuf';

/** The content of a request. `stream` sends messages of `size` votes on one StreamVotes call per connection. */
export type Shape =
  | { readonly kind: 'single' }
  | { readonly kind: 'batch'; readonly size: number }
  | { readonly kind: 'stream'; readonly size: number };

export type Load =
  /** Saturation: each slot sends its next request as soon as the last one is answered. */
  | { readonly kind: 'closed' }
  /** Open loop: requests are due at fixed times, whether or not earlier ones are answered. */
  | { readonly kind: 'open'; readonly requestsPerSecond: number };

/** The votes to send; both sides of a comparison send the same ones. */
export interface Workload {
  readonly contest: string;
  readonly rule: 'one-per-voter' | 'open';
  readonly options: readonly string[];
  /** The same seed produces the same votes. */
  readonly seed: number;
}

/** A process whose CPU time, memory and I/O calls the driver reads at both ends of a window. */
export interface WatchedProcess {
  readonly name: string;
  readonly pid: number;
}

/** The load and target of a driver process, which gets the job as JSON on standard input. */
export interface DriverJob {
  /** Only its host and port are used. */
  readonly url: string;
  readonly transport: Transport;
  readonly encoding: Encoding;
  readonly shape: Shape;
  readonly connections: number;
  /** In flight on each connection; 1 on HTTP/1.1. */
  readonly streams: number;
  readonly workload: Workload;
  /** Different requests, which repeat after the last. Default: 16,384 single votes, or batches of 65,536 votes. */
  readonly requests?: number;
  readonly warmupMs: number;
  readonly watch: readonly WatchedProcess[];
}

/** Microseconds. */
export interface LatencySummary {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** One measurement of a job. */
export interface Window {
  readonly load: Load;
  readonly measureMs: number;
}

/** Counts of votes, not of requests. */
export interface Outcomes {
  /** Sent. */
  readonly offered: number;
  /** Answered with a decoded receipt or an accepted count. */
  readonly acknowledged: number;
  /** Rejected: never counted. */
  readonly failed: number;
  /** No answer, or one that leaves the outcome open (503, UNAVAILABLE, a cut connection): may be counted. */
  readonly unknown: number;
}

export interface ProcessUsage {
  readonly name: string;
  /** Null if this system does not report it. */
  readonly cpuSeconds: number | null;
  readonly rssBytes: number | null;
  /** Calls of read and write, `syscr` and `syscw` of /proc/<pid>/io; null if this system does not report it. */
  readonly ioCalls: number | null;
}

export interface DriverResult {
  /** Length of the measured window. */
  readonly seconds: number;
  /** Within the window. */
  readonly window: Outcomes;
  /** From the first request to the last reply: before, in and after the window. */
  readonly total: Outcomes;
  /** Reasons of failed and unknown replies, the most frequent first; at most eight. */
  readonly failures: readonly { readonly reason: string; readonly count: number }[];
  readonly latency: {
    /** From the intended send time. */
    readonly corrected: LatencySummary;
    /** From the actual send: the figure of a bench with coordinated omission. */
    readonly raw: LatencySummary;
    /** HdrHistogram V2, compressed, base64, microseconds, of the corrected values. */
    readonly histogram: string;
    /** The same of the raw values. */
    readonly rawHistogram: string;
  };
  /** Bytes of TCP payload within the window, protocol overhead of HTTP included. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  readonly usage: readonly ProcessUsage[];
  readonly generator: GeneratorCheck;
}

/** How well the load generator kept up. */
export interface GeneratorCheck {
  /** Share of one core that the generator itself used. */
  readonly cpuShare: number;
  /** Requests due in the window. */
  readonly due: number;
  /** Sent more than `LATE_AFTER_US` after they could have been sent. */
  readonly late: number;
  /** Due and never sent, although a slot was free. */
  readonly unsent: number;
}
