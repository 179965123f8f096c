import { setTimeout as delay } from 'node:timers/promises';
import { loadModule } from '../../../wasm/load-module.ts';
import { VoterKeys } from '../../../wasm/mac/voter-key.ts';
import { waitFor } from '../../support/wait-for.ts';
import { check, type Findings } from '../tools/check.ts';
import { Load, type LoadOptions } from '../tools/load.ts';
import { PARTITIONS, SECRET, System, type SystemOptions } from '../tools/system.ts';

/** One row of the fault matrix. */
export interface Fault {
  /** As `F1`. */
  readonly id: string;
  readonly title: string;
  readonly system?: SystemOptions;
  readonly load?: Partial<LoadOptions>;
  /** Entries that the fault itself puts into the streams and that must end in the dead letters. Default 0. */
  readonly poison?: number;
  /** Does the harm while votes come in, and heals it. */
  inflict(system: System, load: Load): Promise<void>;
}

export interface FaultRow extends Findings {
  readonly id: string;
  readonly title: string;
  /** From the end of the fault to the next acknowledged vote and, after it, to drained streams. */
  readonly secondsToRecover: number;
}

/**
 * Runs one fault on a fresh system under load over both paths, and holds what came out against what was promised.
 * Where `signal` aborts, the load ends and the system with it.
 */
export async function runFault(fault: Fault, signal?: AbortSignal): Promise<FaultRow> {
  await using system = await System.start(fault.system);
  const bands = await openOptions(system);
  await using load = new Load({ edges: system.edgeUrls, bands, ...fault.load });
  signal?.addEventListener('abort', () => void load.stop());
  await acknowledges(load, 300);
  await fault.inflict(system, load);
  const healed = performance.now();
  await acknowledges(load, 1);
  const answered = performance.now() - healed;
  await acknowledges(load, 300);
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

/** Waits until the load has `more` votes acknowledged than now. */
export async function acknowledges(load: Load, more: number, withinMs = 30_000): Promise<void> {
  const goal = load.acknowledged + more;
  const what = `${more} more votes are acknowledged`;
  await waitFor(() => load.acknowledged >= goal || load.stopping, { what, timeoutMs: withinMs });
  if (load.acknowledged < goal) throw new Error(`the load was stopped before ${what}`);
}

async function openOptions(system: System): Promise<string[]> {
  const response = await fetch(`${system.edgeUrls[0]}/v1/contests/bandas`);
  const contest = (await response.json()) as { options: { id: string }[] };
  return contest.options.map((option) => option.id);
}

/** A pause whose length is the point of a fault, as the time that a server stays frozen. */
export const lasting = (ms: number) => delay(ms);
