import type { WatchedProcess, Workload } from '../load/job.ts';

/** What takes votes in a measurement, and how to check afterwards what became of them. */
export interface System extends AsyncDisposable {
  readonly httpUrl: string;
  readonly grpcUrl: string;
  /** The server under test first, as `server`. */
  readonly watch: readonly WatchedProcess[];
  /** From the start of the server's process to its first acknowledged vote; null where it was not started here. */
  readonly coldStartMs: number | null;
  /** Votes that were acknowledged before the measurement. */
  readonly acknowledgedBefore: number;
  contest(id: string): Promise<ContestOptions>;
  /** Waits until everything is decided. Undefined: this server keeps nothing that could be checked. */
  audit: (() => Promise<SystemAudit>) | undefined;
  /** Waits until so many votes are in the log, as long as it makes progress; only of a system that has one. */
  readonly logged?: (votes: number) => Promise<void>;
  /** Gauges of the server itself; null each where it has no such metric. */
  gauges(): Promise<ServerGauges>;
}

export interface SystemAudit {
  /** Votes in the stream. */
  readonly stored: number;
  /** Votes whose outcome is decided. */
  readonly counted: number;
  /** Sum of the counts that the contests show, and what it should be. */
  readonly shown: number;
  readonly due: number;
  /** Entries that were gone before they could be read. */
  readonly trimmed: number;
  /** Where votes that are stored and not counted are; empty where there are none. */
  readonly stuck: string;
}

export interface ContestOptions {
  readonly rule: Workload['rule'];
  readonly options: readonly string[];
}

export interface ServerGauges {
  /** 99th percentile of the event loop's delay, milliseconds. */
  readonly eventLoopDelayMs: number | null;
}
