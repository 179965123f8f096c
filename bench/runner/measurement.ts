import type { DriverResult } from '../load/job.ts';
import type { SystemAudit } from '../targets/system.ts';
import type { Variant } from './variant.ts';

/** One variant, measured once, in one round. */
export interface Measurement {
  readonly variant: string;
  readonly round: number;
  /** Why this measurement must not be used; empty: it may be. */
  readonly invalid: readonly string[];
  readonly driver: DriverResult;
  /** Votes acknowledged from the server's start to the last reply, the probe's included. */
  readonly acknowledged: number;
  /** Null where the server keeps nothing (the lower rungs of the ladder, a remote target). */
  readonly audit: SystemAudit | null;
  readonly coldStartMs: number | null;
  readonly eventLoopDelayMs: number | null;
}

/** More of the due requests than this sent late or not at all, and the generator was the bottleneck. */
const MAX_LATE_SHARE = 0.01;
const MAX_GENERATOR_CPU = 0.85;
/** More of the votes than this not acknowledged, and the run timed a failure path. */
const MAX_FAILED_SHARE = 0.001;

/** What a measurement is judged by. */
export type Evidence = Pick<Measurement, 'driver' | 'acknowledged' | 'audit'>;

/** Every reason not to believe a measurement; none: it is valid. */
export function judge(evidence: Evidence, variant: Pick<Variant, 'load'>): string[] {
  return [...judgeAccount(evidence), ...judgeReplies(evidence.driver, variant), ...judgeGenerator(evidence.driver)];
}

/** Acknowledged = in the stream = counted, but for votes whose outcome the server itself left open. */
function judgeAccount({ driver, acknowledged, audit }: Evidence): string[] {
  if (audit === null) return [];
  const reasons: string[] = [];
  const { stored, counted, shown, due, trimmed, stuck } = audit;
  if (trimmed > 0) reasons.push(`${trimmed} entries were trimmed before they could be checked`);
  if (stored < acknowledged) reasons.push(`${acknowledged} votes acknowledged, only ${stored} in the stream`);
  if (stored > acknowledged + driver.total.unknown) {
    reasons.push(
      `${stored} votes in the stream, only ${acknowledged} acknowledged and ${driver.total.unknown} unknown`,
    );
  }
  if (counted !== stored) reasons.push(`${stored} votes in the stream, ${counted} counted (${stuck})`);
  if (shown !== due) reasons.push(`${due} votes are said to count, the contests show ${shown}`);
  return reasons;
}

function judgeReplies({ driver, window, total, failures }: DriverResult, variant: Pick<Variant, 'load'>): string[] {
  if (window.acknowledged === 0) return [`nothing was acknowledged (${failures[0]?.reason ?? 'no reply'})`];
  if (variant.load.kind === 'overload') return [];
  // A foreign generator cuts what is in flight at its end: that stays unknown without anybody's fault.
  const bad = driver === 'own' ? total.offered - total.acknowledged : total.failed;
  if (bad <= total.offered * MAX_FAILED_SHARE) return [];
  return [`${bad} of ${total.offered} votes were not acknowledged (${failures[0]?.reason ?? 'no reply'})`];
}

function judgeGenerator({ generator }: DriverResult): string[] {
  const reasons: string[] = [];
  if (generator.late + generator.unsent > generator.due * MAX_LATE_SHARE) {
    reasons.push(
      `the generator sent ${generator.late + generator.unsent} of ${generator.due} requests late or not at all`,
    );
  }
  if (generator.cpuShare > MAX_GENERATOR_CPU) {
    reasons.push(`the generator used ${Math.round(generator.cpuShare * 100)} % of its core`);
  }
  return reasons;
}

/** True where nothing but the generator is to blame: measuring again makes sense. */
export function blamesGenerator({ driver, invalid }: Measurement): boolean {
  return invalid.length > 0 && invalid.length === judgeGenerator(driver).length;
}

/** CPU-seconds of one process per million votes acknowledged in the window; NaN where this system does not tell. */
export function cpuPerMillion({ driver }: Measurement, process: string): number {
  const spent = driver.usage.find(({ name }) => name === process)?.cpuSeconds ?? Number.NaN;
  return (spent / driver.window.acknowledged) * 1e6;
}

/** Votes acknowledged a second in the window. */
export function throughput({ driver }: Measurement): number {
  return driver.window.acknowledged / driver.seconds;
}
