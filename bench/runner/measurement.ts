import { type Cell, type CellLoad, storesVotes } from '../cells/cell.ts';
import type { DriverResult } from '../load/job.ts';
import type { Audit } from '../targets/audit/stream-audit.ts';

/** One window of one cell. */
export interface Measurement {
  readonly cell: string;
  readonly pass: number;
  /** Number within the pass. Windows with the same pass and number are adjacent in time, and effects pair them. */
  readonly window: number;
  /** Reasons not to use it; empty: valid. */
  readonly invalid: readonly string[];
  readonly driver: DriverResult;
  /** CPU-milliseconds of a fixed workload on the server's core, the mean of just before and just after. */
  readonly calibrationMs: number;
}

/** One cell in one pass, on the same processes from start to end. */
export interface Session {
  readonly cell: string;
  readonly pass: number;
  readonly invalid: readonly string[];
  /** Votes acknowledged from the server's start to the last reply, those of the first probe included. */
  readonly acknowledged: number;
  /** Null if the server stores nothing. */
  readonly audit: Audit | null;
  readonly coldStartMs: number;
  /**
   * All system calls of the server per acknowledged vote, counted by perf in a separate window; null if not counted.
   */
  readonly systemCallsPerVote: number | null;
}

/** If a larger share of due requests is sent late or not at all, the generator is the bottleneck. */
const MAX_LATE_SHARE = 0.01;
/** Maximum share of its core that the generator may use. */
export const MAX_GENERATOR_CPU = 0.85;
/** If a larger share of votes is not acknowledged, the run measured a failure path. */
const MAX_FAILED_SHARE = 0.001;

/** The reasons not to use a window; none if it is valid. */
export function judgeWindow(driver: DriverResult, { load, server }: Pick<Cell, 'load' | 'server'>): string[] {
  // A server that stores nothing may be faster than the generator. Its CPU time per vote counts, not its throughput.
  const mayOutrun = load.kind === 'closed' && !storesVotes(server);
  return [...judgeReplies(driver, load), ...judgeGenerator(driver, mayOutrun ? Number.POSITIVE_INFINITY : undefined)];
}

export interface Account {
  readonly acknowledged: number;
  /** Votes with an unknown outcome, which may be stored. */
  readonly unknown: number;
  readonly audit: Audit | null;
}

/** Checks that acknowledged = stored = counted, except for votes with an unknown outcome. */
export function judgeAccount({ acknowledged, unknown, audit }: Account): string[] {
  if (audit === null) return [];
  const reasons: string[] = [];
  const { stored, counted, shown, due, trimmed, stuck } = audit;
  if (trimmed > 0) reasons.push(`${trimmed} entries were trimmed before they could be checked`);
  if (stored < acknowledged) reasons.push(`${acknowledged} votes acknowledged, only ${stored} in the stream`);
  if (stored > acknowledged + unknown) {
    reasons.push(`${stored} votes in the stream, only ${acknowledged} acknowledged and ${unknown} unknown`);
  }
  if (counted !== stored) reasons.push(`${stored} votes in the stream, ${counted} counted (${stuck})`);
  if (shown !== due) reasons.push(`${due} votes count by the ledger, the contests show ${shown}`);
  return reasons;
}

function judgeReplies({ window, total, failures }: DriverResult, load: CellLoad): string[] {
  if (window.acknowledged === 0) return [`nothing was acknowledged (${failures[0]?.reason ?? 'no reply'})`];
  // An overloaded server may reject votes.
  if (load.kind === 'share' && load.factor > 1) return [];
  const bad = total.offered - total.acknowledged;
  if (bad <= total.offered * MAX_FAILED_SHARE) return [];
  return [`${bad} of ${total.offered} votes were not acknowledged (${failures[0]?.reason ?? 'no reply'})`];
}

/** Prefix of reasons that are the load generator's fault. */
export const GENERATOR_FAULT = 'the load generator';

function judgeGenerator({ generator }: DriverResult, maxCpu = MAX_GENERATOR_CPU): string[] {
  const reasons: string[] = [];
  if (generator.late + generator.unsent > generator.due * MAX_LATE_SHARE) {
    reasons.push(
      `${GENERATOR_FAULT} sent ${generator.late + generator.unsent} of ${generator.due} requests late or not at all`,
    );
  }
  if (generator.cpuShare > maxCpu) {
    reasons.push(`${GENERATOR_FAULT} used ${Math.round(generator.cpuShare * 100)} % of its core`);
  }
  return reasons;
}

/** Whether only the load generator made a window invalid, so that measuring again makes sense. */
export function blamesGenerator({ invalid }: Pick<Measurement, 'invalid'>): boolean {
  return invalid.length > 0 && invalid.every((reason) => reason.startsWith(GENERATOR_FAULT));
}

/** CPU-seconds of one process per million votes acknowledged in the window; NaN if this system does not report them. */
export function cpuPerMillion({ driver }: Pick<Measurement, 'driver'>, process: string): number {
  const spent = driver.usage.find(({ name }) => name === process)?.cpuSeconds ?? Number.NaN;
  return (spent / driver.window.acknowledged) * 1e6;
}

/** Votes acknowledged per second in the window. */
export function throughput({ driver }: Pick<Measurement, 'driver'>): number {
  return driver.window.acknowledged / driver.seconds;
}
