import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Core, pinned } from './placement.ts';

/** A process that this one started. Disposing it kills it: what it would still put in order is thrown away anyway. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly process: ChildProcess;
  /** What it printed last, for the error message when it fails. */
  readonly output: () => string;
}

const running = new Set<ChildProcess>();
process.once('exit', killChildren);

/** Kills at once whatever was started and adopted here; disposing them afterwards does no harm. */
export function killChildren() {
  for (const child of running) child.kill('SIGKILL');
}

/** Has `killChildren` and the end of this process kill a child that somebody else started. */
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
 * @throws {Error} where its program can't be run
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
  // A part that is gone already has no use for what is written to it.
  child.stdin.on('error', keep);
  await once(child, 'spawn');
  adopt(child);
  return {
    // taskset runs the program in its own place: the pid stays.
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
