import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { printHelp } from '../../tools/print-help.ts';
import type { Fault } from './matrix/fault.ts';
import { longRuns, matrix, onCluster } from './matrix/matrix.ts';
import { printInvariants } from './matrix/print-invariants.ts';
import { isGood, printHeader, printRow } from './matrix/print-row.ts';
import { runFault } from './matrix/run-fault.ts';
import { everything } from './rows/long/everything.ts';

printHelp(`npm run test:faults [-- options]   causes every fault on a new system, and checks for lost or double-counted votes
npm run test:soak                  the long runs

  --only F1,F26            only these faults
  --seed N                 repeat the choices of the run that printed N
  --cluster                faults of a Redis Cluster
  --everything             all faults mixed on one system
  --minutes N              duration of --everything; default 30
  --long                   the long runs instead of the matrix

Exit codes: 0 nothing lost and nothing counted twice, 1 otherwise.`);

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    long: { type: 'boolean', default: false },
    cluster: { type: 'boolean', default: false },
    everything: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string' },
  },
});
const only = values.only?.split(',');
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes must be a number above 0; got "${values.minutes}"`);
const all = values.everything ? [everything(minutes)] : values.long ? longRuns : values.cluster ? onCluster : matrix;
const chosen = all.filter(({ id }) => only === undefined || only.includes(id));
if (chosen.length === 0) throw new Error(`--only ${values.only} names no fault`);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!Number.isInteger(seed)) throw new Error(`--seed must be an integer; got "${values.seed}"`);

/** A run that hangs is a failure too. */
const FAULT_LIMIT_MS = values.everything ? minutes * 60_000 + 300_000 : values.long ? 1_800_000 : 300_000;

// process.exit ends child processes, too.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const started = performance.now();
console.log(`Seed ${seed}: npm run test:faults -- --seed ${seed} repeats the schedule.`);
printHeader();
let passed = 0;
for (const fault of chosen) if (await report(fault)) passed++;
console.log(`${Math.round((performance.now() - started) / 1000)} s`);
console.log(`${passed} passed, ${chosen.length - passed} failed`);
process.exit(passed === chosen.length ? 0 : 1);

async function report(fault: Fault): Promise<boolean> {
  const done = new AbortController();
  try {
    const late = delay(FAULT_LIMIT_MS, undefined, { signal: done.signal }).then(() => {
      throw new Error(`it still runs after ${FAULT_LIMIT_MS / 1000} s`);
    });
    const row = await Promise.race([runFault(fault, seed), late]);
    printRow(row);
    if (values.everything || values.long) printInvariants(row);
    return isGood(row);
  } catch (error) {
    const what = error instanceof Error ? error.stack : error;
    console.log(`${fault.id.padEnd(5)} did not end: ${fault.title}\n      ${what}`);
    return false;
  } finally {
    done.abort();
  }
}
