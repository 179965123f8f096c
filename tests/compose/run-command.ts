import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Written to its standard input. */
  readonly input?: string;
  /** Default 600,000. */
  readonly timeoutMs?: number;
}

/** Runs a program in the repository's root until it ends. */
export async function runCommand(
  [program, ...args]: readonly [string, ...string[]],
  { env = {}, input = '', timeoutMs = 600_000 }: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(program, args, { cwd: ROOT, env: { ...process.env, ...env }, timeout: timeoutMs });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.end(input);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  return { code: await promise, stdout, stderr };
}

/** @throws {Error} with the output, if the exit code is not 0 */
export async function mustRun(
  command: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const result = await runCommand(command, options);
  if (result.code === 0) return result;
  const printed = `${result.stdout}\n${result.stderr}`.slice(-3000);
  throw new Error(`${command.join(' ')} ended with exit code ${result.code}:\n${printed}`);
}
