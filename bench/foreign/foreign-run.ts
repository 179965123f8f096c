import type { DriverJob } from '../driver/job.ts';
import type { Core } from '../system/placement.ts';

export type ForeignTool = 'h2load' | 'wrk';

export interface ToolRun {
  readonly tool: ForeignTool;
  readonly job: DriverJob;
  readonly dir: string;
  readonly seconds: number;
  readonly core: Core;
}

/** What a foreign generator said of one run. */
export interface ForeignRun {
  /** As the tool measured it. */
  readonly seconds: number;
  /** Requests answered with a 2xx status. */
  readonly succeeded: number;
  readonly failed: number;
  readonly bytesIn: number;
  /** Microseconds; null where it does not tell. */
  readonly p50: number | null;
  readonly p99: number | null;
}
