import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printHelp } from '../../tools/print-help.ts';

printHelp(`npm run test:mutants [-- --only F13,F26]   breaks one guarantee at a time and checks that the tests of these faults fail

Exit codes: 0 every mutant is caught, 1 otherwise.`);

/** One guarantee broken in a copy of the product. A suite that passes with it proves nothing. */
interface Mutant {
  readonly title: string;
  readonly file: string;
  /** Text that occurs exactly once in the file. */
  readonly from: string;
  readonly to: string;
  /** The fault that must catch it; `model`: the model check; `fuzz <target>`: a minute of that fuzzer. */
  readonly fault: string;
  /** For a run that cannot complete: text that its error must contain. */
  readonly because?: string;
}

const MODEL_CHECK = ['tests/model/run.ts', '--sequences', '1000', '--seed', '1'] as const;

const mutants: readonly Mutant[] = JSON.parse(readFileSync(new URL('./mutants.json', import.meta.url), 'utf8'));
const root = fileURLToPath(new URL('../..', import.meta.url));

/** `-- --only F13`: only the mutants of some faults. */
const { values } = parseArgs({ options: { only: { type: 'string' } } });
const chosen = mutants.filter(({ fault }) => values.only === undefined || values.only.split(',').includes(fault));

let caught = 0;
for (const mutant of chosen) if (isCaught(mutant)) caught++;
console.log(`${caught} passed, ${chosen.length - caught} failed`);
process.exitCode = caught === chosen.length ? 0 : 1;

function isCaught(mutant: Mutant): boolean {
  const copy = mkdtempSync(join(tmpdir(), 'votewire-mutant-'));
  try {
    copyProduct(copy);
    const path = join(copy, mutant.file);
    const source = readFileSync(path, 'utf8');
    if (source.split(mutant.from).length !== 2) {
      console.log(`STALE    ${mutant.title}: ${mutant.file} must hold the text that the mutant replaces exactly once`);
      return false;
    }
    writeFileSync(path, source.replace(mutant.from, mutant.to));
    const [script, ...args] = commandOf(mutant);
    const run = spawnSync(process.execPath, [join(copy, script), ...args], {
      cwd: copy,
      encoding: 'utf8',
      timeout: 180_000,
    });
    const found = run.status === 1 && isFinding(mutant, run);
    const why = run.stdout.split('\n').find((line) => line.startsWith('      ')) ?? '';
    console.log(
      `${found ? 'caught  ' : 'MISSED  '} ${mutant.title} (${mutant.fault})${found ? `:${why.trimEnd()}` : ''}`,
    );
    if (!found) console.log(run.stdout + run.stderr);
    return found;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function commandOf({ fault }: Mutant): readonly [script: string, ...args: string[]] {
  if (fault === 'model') return MODEL_CHECK;
  const [, target] = /^fuzz (.+)$/.exec(fault) ?? [];
  return target === undefined
    ? ['tests/faults/run.ts', '--only', fault]
    : ['tools/fuzz/main.ts', target, '--minutes', '1'];
}

/**
 * Whether the checker found the bug: it printed a row, the expected reason, or a seed. Any other outcome proves
 * nothing.
 */
function isFinding({ fault, because }: Mutant, { stdout, stderr }: { stdout: string; stderr: string }): boolean {
  if (fault.startsWith('fuzz ')) return / fails; repeat it with --seed /.test(stderr);
  const hasReason = because === undefined ? !stdout.includes('did not end') : stdout.includes(because);
  return hasReason && stdout.includes('0 passed, 1 failed');
}

function copyProduct(to: string): void {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of files.split('\n')) {
    // A removed file is listed until the removal is committed.
    if (file === '' || !existsSync(join(root, file))) continue;
    mkdirSync(join(to, dirname(file)), { recursive: true });
    cpSync(join(root, file), join(to, file));
  }
  for (const built of ['node_modules', 'wasm/build']) symlinkSync(join(root, built), join(to, built));
}
