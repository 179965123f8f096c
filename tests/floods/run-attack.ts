import { setTimeout as delay } from 'node:timers/promises';
import type { Attack } from './attack.ts';
import type { FloodSystem } from './flood-system.ts';
import { castHonestVotes, type HonestVotes } from './honest-votes.ts';

const SAMPLE_MS = 50;
const LOG_PATIENCE_MS = 60_000;
export const VOTES_PER_SECOND = 1_000;

/** The effects of an attack on honest users and on the processes. */
export interface AttackResult {
  readonly honest: HonestVotes;
  /** The maximum growth of each process during the attack. */
  readonly growthBytes: Readonly<Record<'edge' | 'dashboard', number>>;
  /** Time from the end of the attack until a page of the log is answered. */
  readonly logBackMs: number;
  /** The GOAWAY codes that the attack received; a peer that is still writing may lose one to a TCP reset. */
  readonly codes: readonly number[];
}

/** Runs an attack beside honest votes. */
export async function runAttack(system: FloodSystem, attack: Attack, ms: number): Promise<AttackResult> {
  const { edge, dashboardUrl, residentBytes } = system;
  const before = { edge: residentBytes('edge'), dashboard: residentBytes('dashboard') };
  const growthBytes = { edge: 0, dashboard: 0 };
  const sample = () => {
    for (const target of ['edge', 'dashboard'] as const) {
      growthBytes[target] = Math.max(growthBytes[target], residentBytes(target) - before[target]);
    }
  };
  const sampling = setInterval(sample, SAMPLE_MS);
  let isStopped = false;
  const attacking = attack.run(system.port(attack.target), () => isStopped);
  const honest = await castHonestVotes({ url: edge.httpUrl, ms, votesPerSecond: VOTES_PER_SECOND });
  sample();
  clearInterval(sampling);
  isStopped = true;
  const endedAt = performance.now();
  const [codes] = await Promise.all([attacking, readLog(dashboardUrl)]);
  return {
    honest,
    growthBytes,
    logBackMs: performance.now() - endedAt,
    codes: codes.filter((code) => code !== undefined),
  };
}

/** Resolves when a page of the log is answered with 200. */
async function readLog(url: string): Promise<void> {
  const signal = AbortSignal.timeout(LOG_PATIENCE_MS);
  for (;;) {
    const answer = await fetch(`${url}/api/logs`, { signal });
    await answer.arrayBuffer();
    if (answer.status === 200) return;
    await delay(SAMPLE_MS);
  }
}
