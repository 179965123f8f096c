import type { FaultRow } from './run-fault.ts';

const COLUMNS = ['fault', 'offered', 'acked', 'counted', 'logged', 'lost', 'double', 'recovery', 'what happened'];
const WIDTHS = [5, 8, 8, 8, 8, 6, 6, 9];
const MOST_VIOLATIONS = 5;

export function printHeader(): void {
  console.log(line(COLUMNS));
}

/** Prints a row, followed by the first violations. */
export function printRow(row: FaultRow): void {
  const { id, offered, acknowledged, counted, logged, lost, double, secondsToRecover, title, violations } = row;
  console.log(
    line([id, offered, acknowledged, counted, logged, lost, double, `${secondsToRecover.toFixed(1)} s`, title]),
  );
  for (const violation of violations.slice(0, MOST_VIOLATIONS)) console.log(`      ${violation}`);
  const more = violations.length - MOST_VIOLATIONS;
  if (more > 0) console.log(`      and ${more} more`);
}

/** Whether every invariant held. */
export function isGood({ violations, lost, double }: FaultRow): boolean {
  return violations.length === 0 && lost === 0 && double === 0;
}

function line(cells: readonly (string | number)[]): string {
  return cells
    .map((cell, n) => (n === 0 || n > 7 ? `${cell}`.padEnd(WIDTHS[n] ?? 0) : `${cell}`.padStart(WIDTHS[n] ?? 0)))
    .join(' ');
}
