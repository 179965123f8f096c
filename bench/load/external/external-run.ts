import type { Core } from '../../targets/process/placement.ts';
import type { DriverJob } from '../job.ts';

export type ExternalTool = 'h2load' | 'wrk' | 'ghz';

export interface ToolRun {
  readonly tool: ExternalTool;
  /** Its path, or its name if it is on PATH. */
  readonly program: string;
  readonly job: DriverJob;
  readonly dir: string;
  readonly seconds: number;
  readonly core: Core;
}

/** The output of an external load generator for one run. */
export interface ExternalRun {
  /** As the tool measured it. */
  readonly seconds: number;
  /** Requests answered with a 2xx status. */
  readonly succeeded: number;
  readonly failed: number;
  readonly bytesIn: number;
}
