import type { Attack } from './attack.ts';
import { type AttackResult, VOTES_PER_SECOND } from './run-attack.ts';

/** Limits on the effects of an attack. */
export interface FloodLimits {
  readonly p99Ms: number;
  readonly growthBytes: number;
  readonly logBackMs: number;
}

/** The limits that an attack exceeded, one line each. */
export function faultsOf(attack: Attack, result: AttackResult, limits: FloodLimits, ms: number): readonly string[] {
  const { honest, growthBytes, logBackMs, codes } = result;
  const faults: string[] = [];
  const { failures } = honest;
  if (failures.length > 0) faults.push(`${failures.length} honest votes failed: ${[...new Set(failures)].join('; ')}`);
  if (honest.votes < (VOTES_PER_SECOND * ms) / 2_000) faults.push(`only ${honest.votes} honest votes were sent`);
  if (honest.p99Ms > limits.p99Ms) faults.push(`p99 is over ${limits.p99Ms} ms`);
  for (const [target, bytes] of Object.entries(growthBytes)) {
    if (bytes > limits.growthBytes) faults.push(`${target} grew by more than ${limits.growthBytes >> 20} MB`);
  }
  if (logBackMs > limits.logBackMs) faults.push(`the log was unavailable for more than ${limits.logBackMs} ms`);
  if (attack.code !== undefined) {
    if (codes.length === 0) faults.push('no connection was ended');
    const others = codes.filter((code) => code !== attack.code);
    if (others.length > 0) faults.push(`connections ended with code ${others.join(', ')} instead of ${attack.code}`);
  }
  return faults;
}
