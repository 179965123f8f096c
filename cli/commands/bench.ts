import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CommandContext, defineCommand, EXIT, type ExitCode, UsageError } from '../command.ts';

const SCRIPT = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

/** `votewire bench`: runs `npm run bench`; `--json` prints the report to standard output. */
export const command = defineCommand({
  positionals: '',
  description: `Measures what a vote costs over gRPC and over HTTP + WebAssembly, and writes a report: in a minute with --quick,
otherwise in about 18 minutes. Needs a checkout: images do not contain the bench. Exit code 1: the run is not valid;
3: an error, or the machine was too busy for a verdict.`,
  options: {
    quick: { type: 'boolean', help: 'Both transports in less than a minute' },
    block: { type: 'string', value: '<name>[,<name>]', help: 'Only these blocks; npm run bench -- --help lists them' },
    passes: { type: 'string', value: '<n>', help: 'Passes of every block on new processes, 1 to 50' },
    windows: { type: 'string', value: '<n>', help: 'Windows of each cell in a pass, 1 to 50' },
    ms: { type: 'string', value: '<n>', help: 'Length of a window in milliseconds' },
    output: { type: 'string', value: '<folder>', help: 'Folder for the report (default: bench/results/<time>)' },
    json: { type: 'boolean', help: 'Print the report as JSON, and the progress to standard error' },
  },
  async run({ values, positionals, ...context }) {
    if (positionals.length > 0) throw new UsageError(`Unexpected argument "${positionals[0]}"`);
    if (!existsSync(SCRIPT)) throw new Error('The bench is not installed here; run this command in a checkout');
    const { json = false, quick, ...given } = values;
    await using kept = new AsyncDisposableStack();
    if (json && given.output === undefined) {
      const folder = await mkdtemp(join(tmpdir(), 'votewire-bench-'));
      kept.defer(() => rm(folder, { recursive: true, force: true }));
      given.output = folder;
    }
    const options = Object.entries(given).map(([name, value]) => `--${name}=${value}`);
    const code = await runBench([...(quick ? ['--quick'] : []), ...options], json, context);
    const report = join(given.output ?? '', 'report.json');
    if (json && existsSync(report)) context.print(JSON.stringify(JSON.parse(await readFile(report, 'utf8'))));
    return code;
  },
});

/** The bench uses the same exit codes: 2 for wrong arguments, 3 for a run without a verdict. */
async function runBench(args: string[], isQuiet: boolean, { env, signal }: CommandContext): Promise<ExitCode> {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    env,
    stdio: ['ignore', isQuiet ? 2 : 'inherit', 'inherit'],
  });
  // On SIGINT the bench stops its servers and keeps the measurements taken so far.
  signal.addEventListener('abort', () => child.kill('SIGINT'));
  const [code] = (await once(child, 'exit')) as [number | null];
  return Object.values(EXIT).find((known) => known === code) ?? EXIT.failed;
}
