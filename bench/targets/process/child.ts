import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Core, pinned } from './placement.ts';

/** A child process. Disposing kills it, because its data is about to be deleted. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly process: ChildProcess;
  /** Its last output, for error messages. */
  readonly output: () => string;
}

const running = new Set<ChildProcess>();
process.once('exit', killChildren);

/** Kills all started and adopted processes at once; they may still be disposed afterwards. */
export function killChildren() {
  for (const child of running) child.kill('SIGKILL');
}

/** Registers a child that other code started, so that `killChildren` and the end of this process kill it. */
export function adopt(child: ChildProcess) {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

export interface ChildOptions {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly core: Core;
}

/**
 * Starts a process with pipes for standard input and output.
 *
 * @throws {Error} if its program cannot be run
 */
export async function startChild(options: ChildOptions): Promise<Child> {
  const [program, ...args] = pinned(options.core, options.command);
  const child = spawn(program, args, { env: { ...process.env, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4096);
  };
  child.stderr.on('data', keep);
  child.stdout.on('data', keep);
  // Writing fails after the process has exited.
  child.stdin.on('error', keep);
  await once(child, 'spawn');
  adopt(child);
  return {
    // taskset replaces itself with the program, so the pid stays the same.
    pid: child.pid ?? 0,
    process: child,
    output: () => output,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
