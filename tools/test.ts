import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { build } from '../start/build.ts';
import { ensureTestTools } from './ensure-test-tools.ts';
import { findLeftOvers, TEST_RUN_VARIABLE } from './left-over-processes.ts';
import { listSourceFiles } from './source-files.ts';

/**
 * `npm test [-- words…]`: installs what the tests need, builds what is not built, runs every `*.test.ts` whose path
 * holds one of the words (all of them without words), and fails where a process is left behind.
 * Files of `tests/faults/` and `tests/soak/` that take minutes have names of their own and run by their own scripts.
 */
const problems = ensureTestTools();
for (const problem of problems) console.log(problem);
if (problems.length > 0 && process.env.CI === 'true') process.exit(1);

await build({ onLine: console.log });

const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const options = process.argv.slice(2).filter((word) => word.startsWith('-'));
const files = listSourceFiles('.').filter(
  (file) => file.endsWith('.test.ts') && (words.length === 0 || words.some((word) => file.includes(word))),
);

const run = randomUUID();
const tests = spawnSync(
  process.execPath,
  [
    '--test',
    '--test-timeout=60000',
    // Most of a test's time is waiting for processes; three files at once keep two cores busy.
    '--test-concurrency=3',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./tools/summary-reporter.ts',
    '--test-reporter-destination=stdout',
    ...options,
    ...files,
  ],
  { stdio: 'inherit', env: { ...process.env, [TEST_RUN_VARIABLE]: run } },
);

const leftOvers = findLeftOvers(run);
for (const { pid, command } of leftOvers) {
  console.error(`left behind by a test, ended now: ${pid} ${command}`);
  process.kill(pid, 'SIGKILL');
}
process.exitCode = tests.status === 0 && leftOvers.length === 0 ? 0 : 1;
