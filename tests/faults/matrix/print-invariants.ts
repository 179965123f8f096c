import type { FaultRow } from './run-fault.ts';

/** The invariants of a run by the ids in violations. */
const INVARIANTS: Readonly<Record<string, string>> = {
  I1: 'every acknowledged vote counts, or a later one of its voter does',
  I2: 'the tally is the sum of its voters and of the distinct votes in the log',
  I3: 'the log has every acknowledged vote once, and nothing else',
  I4: 'nothing is left pending, unread or dead-lettered',
  I5: 'no rejected vote counts',
  I6: 'no process exited unexpectedly',
  I7: 'an older vote never replaces a newer one',
  I8: 'results never decrease, and their options add up',
};

/** One line per invariant. */
export function printInvariants({ violations }: FaultRow): void {
  for (const [id, text] of Object.entries(INVARIANTS)) {
    const broken = violations.filter((violation) => violation.startsWith(`${id}:`)).length;
    console.log(`${id} ${broken === 0 ? 'holds ' : `BROKEN (${broken})`} ${text}`);
  }
}
