import { randomUUID } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../supervisor/build/build.ts';
import { listSourceFiles } from './imports/source-files.ts';
import { runTests } from './run-tests.ts';
import { ensureTestTools } from './test/ensure-test-tools.ts';
import { findLeftOvers, TEST_RUN_VARIABLE } from './test/left-over-processes.ts';

/**
 * `npm test [-- words…]`: installs what the tests need, builds what is not built, runs every `*.test.ts` whose path
 * holds one of the words (all of them without words), and fails where a process is left behind.
 * What takes minutes, as all faults or the soak, has a name of its own and an npm script of its own.
 */

/** Tests that check times: they run alone, after the others. */
const QUIET = /^bench\//;

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
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'votewire-tests-')));
const env = { ...process.env, [TEST_RUN_VARIABLE]: run, TMPDIR: folder };
const counts = [
  // Most of a test's time is waiting for processes; three files at once keep two cores busy.
  runTests({ files: files.filter((file) => !QUIET.test(file)), concurrency: 3, options, env }),
  runTests({ files: files.filter((file) => QUIET.test(file)), concurrency: 1, options, env }),
];

const leftOvers = findLeftOvers(run, folder);
for (const { pid, command } of leftOvers) {
  console.error(`left behind by a test, ended now: ${pid} ${command}`);
  process.kill(pid, 'SIGKILL');
}
rmSync(folder, { recursive: true, force: true });
const sum = (column: 'passed' | 'failed' | 'skipped') => counts.reduce((total, one) => total + one[column], 0);
const failed = sum('failed') + leftOvers.length;
console.log(`${sum('passed')} passed, ${failed} failed, ${sum('skipped')} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
