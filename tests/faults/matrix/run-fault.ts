import { check } from '../check/check.ts';
import { drained } from '../check/drained.ts';
import type { Findings } from '../check/findings.ts';
import { watchResults } from '../check/watch-results.ts';
import { acknowledges } from '../load/acknowledges.ts';
import { Load } from '../load/load.ts';
import { seeded } from '../load/seeded.ts';
import { PARTITIONS, System } from '../system/system.ts';
import type { Fault, FaultRun } from './fault.ts';

export interface FaultRow extends Findings {
  readonly id: string;
  readonly title: string;
  /** Time from the end of the fault to the next acknowledged vote and drained streams. */
  readonly secondsToRecover: number;
}

/** Enough votes for every partition and voter. */
const VOTES_BEFORE_AND_AFTER = 300;

/**
 * Runs one fault on a new system under load over both transports, and compares the result with the guarantees. If
 * `signal` aborts, the load and the system end.
 */
export async function runFault(fault: Fault, seed: number, signal?: AbortSignal): Promise<FaultRow> {
  await using system = await System.start(fault.system);
  await using load = new Load({ edges: system.edgeUrls, bands: await openOptions(system), seed, ...fault.load });
  signal?.addEventListener('abort', () => void load.stop());
  await using results = watchResults([...system.edgeUrls], fault.system?.dashboard ? system.dashboardUrl : undefined);
  const violations: string[] = [];
  const run: FaultRun = {
    system,
    load,
    random: seeded(seed, fault.id),
    lostLogs: [],
    violation: (what) => violations.push(what),
  };
  await acknowledges(load, VOTES_BEFORE_AND_AFTER);
  await fault.inflict(run);
  const healed = performance.now();
  await acknowledges(load, 1);
  const backMs = performance.now() - healed;
  await acknowledges(load, VOTES_BEFORE_AND_AFTER);
  await load.stop();
  for (const { process } of [...system.edges, ...system.consumers]) {
    if (!process.running) violations.push(`I6: ${process.name} is not running: ${process.output.slice(-300)}`);
  }
  for (const member of [...system.edges, ...system.consumers]) member.process.start();
  const stopped = performance.now();
  await drained(system.redisUrls, PARTITIONS);
  const drainMs = performance.now() - stopped;
  await results[Symbol.asyncDispose]();
  await fault.settle?.(run);
  const findings = await checkRun(fault, run);
  if (fault.backWithinMs !== undefined && backMs > fault.backWithinMs) {
    violations.push(`the next vote was acknowledged after ${Math.round(backMs)} ms, allowed are ${fault.backWithinMs}`);
  }
  if (!fault.resultsMayGoBack) violations.push(...results.violations);
  return {
    id: fault.id,
    title: fault.title,
    ...findings,
    violations: [...violations, ...findings.violations],
    secondsToRecover: (backMs + drainMs) / 1000,
  };
}

async function checkRun(fault: Fault, run: FaultRun): Promise<Findings> {
  const { system, load, lostLogs } = run;
  await using log = await system.openLog();
  // Awaited, because the log closes at the end of this function.
  return await check({
    redisUrls: system.redisUrls,
    partitions: PARTITIONS,
    log,
    lostLogs,
    voterKey: await system.voterKeys(),
    attempts: load.attempts,
    poison: fault.poison ?? 0,
    ...(fault.verify === undefined ? {} : { further: (logged) => fault.verify?.(run, logged) }),
  });
}

async function openOptions(system: System): Promise<string[]> {
  const response = await fetch(`${system.edgeUrls[0]}/v1/contests/bandas`);
  const contest = (await response.json()) as { options: { id: string }[] };
  return contest.options.map((option) => option.id);
}
