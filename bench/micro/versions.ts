import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readNumber } from '../commands/options.ts';
import { prepareBench } from '../runner/prepare-bench.ts';
import { ROOT } from '../targets/process/runtimes.ts';
import { measureVersions, type Version, type VersionCosts } from './version-costs.ts';

const USAGE = `npm run bench:versions -- COMMIT [COMMIT]   the edge's CPU time per vote before and after a change

Single votes over HTTP/1.1 and gRPC at the edge of the first commit and at that of the second, or of this checkout, in
windows that alternate. Each pass has new processes; the interval joins windows and passes.

  --passes N   default 8
  --rounds N   pairs of windows in each pass; default 12
  --ms N       length of a window; default 400
  --help

Exit codes: 0 measured, 1 error or invalid, 2 wrong arguments.`;

const values = readArguments();
if (typeof values === 'string') {
  console.error(`${values}\n\n${USAGE}`);
  process.exit(2);
}
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
await using stack = new AsyncDisposableStack();
const dir = await mkdtemp(join(tmpdir(), 'votewire-versions-'));
stack.defer(() => rm(dir, { recursive: true, force: true }));
prepareBench();
const { passes } = values;
const before = await checkOut(values.before);
const after = values.after === undefined ? { name: 'this checkout', root: ROOT } : await checkOut(values.after);
const { costs, invalid } = await measureVersions({ ...values, before, after }, (pass) => {
  if (process.stderr.isTTY) process.stderr.write(`\rPass ${pass} of ${passes}`);
});
if (process.stderr.isTTY) process.stderr.write('\n');
print(costs);
for (const reason of new Set(invalid)) console.log(`INVALID: ${reason}`);
process.exitCode = invalid.length === 0 ? 0 : 1;

function isCommit(text: string): boolean {
  return spawnSync('git', ['rev-parse', '--quiet', '--verify', `${text}^{commit}`], { cwd: ROOT }).status === 0;
}

/** Checks out and builds a commit with the packages of this checkout. */
async function checkOut(commit: string): Promise<Version> {
  const hash = execFileSync('git', ['rev-parse', '--short', `${commit}^{commit}`], { cwd: ROOT, encoding: 'utf8' });
  const root = join(dir, hash.trim());
  await mkdir(root);
  const archive = execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 1 << 30 });
  execFileSync('tar', ['-x'], { cwd: root, input: archive });
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  execFileSync(process.execPath, ['supervisor/build/prepare.ts', 'wasm'], { cwd: root, stdio: 'inherit' });
  return { name: hash.trim(), root };
}

function print(costs: readonly VersionCosts[]): void {
  console.log(`| votes | ${before.name} | ${after.name} | ratio |\n|---|---|---|---|`);
  for (const { load, before, after, ratio } of costs) {
    const interval = ratio && `${ratio.median.toFixed(3)} (${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)})`;
    console.log(`| ${load} | ${before.toFixed(2)} | ${after.toFixed(2)} | ${interval ?? ''} |`);
  }
  console.log(`The edge's CPU-seconds per million votes; ratio with its 95 % interval over ${passes} passes`);
}

/** The message if an argument is wrong. */
function readArguments() {
  try {
    const text = { type: 'string' } as const;
    const options = { passes: text, rounds: text, ms: text, help: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const [before = '', after, more] = positionals;
    if (!values.help && (before === '' || more !== undefined)) return 'Name one commit, or two';
    const unknown = positionals.find((commit) => !isCommit(commit));
    if (unknown !== undefined) return `Unknown commit "${unknown}"`;
    const number = (name: 'passes' | 'rounds' | 'ms', fallback: number, min: number, max: number) =>
      readNumber(name, values[name], { whole: true, fallback, min, max });
    return {
      help: values.help,
      before,
      after,
      passes: number('passes', 8, 3, 100),
      rounds: number('rounds', 12, 1, 1000),
      windowMs: number('ms', 400, 50, 60_000),
    };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
