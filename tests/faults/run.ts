import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Fault, type FaultRow, runFault } from './rows/fault.ts';
import { longRuns, matrix, onCluster } from './rows/matrix.ts';

/**
 * `npm run test:faults [-- --only F1,F26]`: every fault on a system of its own, one row each. `--long`: the long runs in
 * the place of the matrix. `--cluster`: what a Redis Cluster can stand in for a single Redis in, on one. Exit code 1
 * where a vote was lost or counted twice.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    long: { type: 'boolean', default: false },
    cluster: { type: 'boolean', default: false },
  },
});
const only = values.only?.split(',');
const all = values.long ? longRuns : values.cluster ? onCluster : matrix;
const chosen = all.filter(({ id }) => only === undefined || only.includes(id));
if (chosen.length === 0) throw new Error(`--only ${values.only} names no fault`);

/** A run that hangs is a finding, too. */
const FAULT_LIMIT_MS = values.long ? 900_000 : 180_000;

const started = performance.now();
console.log(line(['fault', 'offered', 'acked', 'counted', 'logged', 'lost', 'double', 'recovery', 'what happened']));
let passed = 0;
for (const fault of chosen) if (await report(fault)) passed++;
console.log(`${Math.round((performance.now() - started) / 1000)} s`);
console.log(`${passed} passed, ${chosen.length - passed} failed`);
process.exit(passed === chosen.length ? 0 : 1);

async function report(fault: Fault): Promise<boolean> {
  let row: FaultRow;
  const tooLate = new AbortController();
  try {
    const late = delay(FAULT_LIMIT_MS, undefined, { signal: tooLate.signal }).then(() => {
      throw new Error(`it still runs after ${FAULT_LIMIT_MS / 1000} s`);
    });
    row = await Promise.race([runFault(fault), late]);
  } catch (error) {
    console.log(
      `${fault.id.padEnd(5)} did not end: ${fault.title}\n      ${error instanceof Error ? error.stack : error}`,
    );
    return false;
  } finally {
    tooLate.abort();
  }
  const { id, offered, acknowledged, counted, logged, lost, double, secondsToRecover, title, violations } = row;
  const seconds = `${secondsToRecover.toFixed(1)} s`;
  console.log(line([id, offered, acknowledged, counted, logged, lost, double, seconds, title]));
  for (const violation of violations.slice(0, 5)) console.log(`      ${violation}`);
  if (violations.length > 5) console.log(`      and ${violations.length - 5} more`);
  return violations.length === 0 && lost === 0 && double === 0;
}

function line(cells: readonly (string | number)[]): string {
  const widths = [5, 8, 8, 8, 8, 6, 6, 9];
  return cells
    .map((cell, n) => (n === 0 || n > 7 ? `${cell}`.padEnd(widths[n] ?? 0) : `${cell}`.padStart(widths[n] ?? 0)))
    .join(' ');
}
