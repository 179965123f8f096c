import { loadModule } from '../../../wasm/load-module.ts';
import { VoterKeys } from '../../../wasm/mac/voter-key.ts';
import { check } from '../check/check.ts';
import type { Findings } from '../check/findings.ts';
import { acknowledges } from '../load/acknowledges.ts';
import { Load } from '../load/load.ts';
import { seeded } from '../load/seeded.ts';
import { PARTITIONS, SECRET, System } from '../system/system.ts';
import type { Fault } from './fault.ts';

export interface FaultRow extends Findings {
  readonly id: string;
  readonly title: string;
  /** From the end of the fault to the next acknowledged vote and, after it, to drained streams. */
  readonly secondsToRecover: number;
}

/** Enough for every partition and voter to have some. */
const VOTES_BEFORE_AND_AFTER = 300;

/**
 * Runs one fault on a fresh system under load over both transports, and compares what came out with what was promised.
 * If `signal` aborts, the load ends and the system with it.
 */
export async function runFault(fault: Fault, seed: number, signal?: AbortSignal): Promise<FaultRow> {
  await using system = await System.start(fault.system);
  const bands = await openOptions(system);
  await using load = new Load({ edges: system.edgeUrls, bands, seed, ...fault.load });
  signal?.addEventListener('abort', () => void load.stop());
  await acknowledges(load, VOTES_BEFORE_AND_AFTER);
  await fault.inflict(system, load, seeded(seed, fault.id));
  const healed = performance.now();
  await acknowledges(load, 1);
  const answered = performance.now() - healed;
  await acknowledges(load, VOTES_BEFORE_AND_AFTER);
  const attempts = await load.stop();
  for (const member of [...system.edges, ...system.consumers]) member.process.start();
  const stopped = performance.now();
  await using log = await system.openLog();
  const keys = new VoterKeys(loadModule('mac'), Buffer.from(SECRET));
  const findings = await check({
    redisUrls: system.redisUrls,
    partitions: PARTITIONS,
    log,
    voterKey: (voter) => Buffer.from(keys.keyOf(Buffer.from(voter))).toString('hex'),
    attempts,
    poison: fault.poison ?? 0,
  });
  const secondsToRecover = (answered + performance.now() - stopped) / 1000;
  return { id: fault.id, title: fault.title, ...findings, secondsToRecover };
}

async function openOptions(system: System): Promise<string[]> {
  const response = await fetch(`${system.edgeUrls[0]}/v1/contests/bandas`);
  const contest = (await response.json()) as { options: { id: string }[] };
  return contest.options.map((option) => option.id);
}
