import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../support/wait-for.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** A part of the product as a real process that a test may pause, kill and start again. */
export class Child implements AsyncDisposable {
  readonly name: string;
  readonly #script: string;
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;
  #output = '';
  /** What this life of the process has printed. */
  #life = '';

  constructor(name: string, script: string, env: Record<string, string>) {
    this.name = name;
    this.#script = script;
    this.#env = { PATH: process.env.PATH, HOME: process.env.HOME, ...env };
  }

  /** The last 16 KiB that it printed, over all its lives. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    if (this.running) return;
    const child = spawn(process.execPath, [this.#script], {
      cwd: root,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-16384);
      if (child === this.#process) this.#life = (this.#life + chunk.toString()).slice(-16384);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.#process = child;
    this.#life = '';
    // A run that ends by a fault of its own leaves nothing behind.
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
  }

  /** Sends a signal; SIGKILL, SIGSTOP and SIGCONT included. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Waits until this life of the process has printed `text`. */
  hasPrinted(text: string, withinMs = 15_000): Promise<void> {
    return this.until(`it prints "${text}"`, async () => this.#life.includes(text), withinMs);
  }

  /** Ends the process by `signal` and waits until it is gone. Returns its exit code, null where the signal ended it. */
  async stop(signal: NodeJS.Signals, withinMs = 10_000): Promise<number | null> {
    const child = this.#process;
    if (child === undefined || !this.running) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const forced = setTimeout(() => child.kill('SIGKILL'), withinMs);
    await exited;
    clearTimeout(forced);
    if (child.signalCode === 'SIGKILL' && signal !== 'SIGKILL') {
      throw new Error(`${this.name} was still running ${withinMs} ms after ${signal}; it printed:\n${this.#output}`);
    }
    return child.exitCode;
  }

  /** Waits until `condition` holds; fails when the process ends before, or after `withinMs`. */
  async until(what: string, condition: () => Promise<boolean>, withinMs = 30_000): Promise<void> {
    await waitFor(condition, {
      what: `${this.name}: ${what}`,
      timeoutMs: withinMs,
      orThrow: () => {
        if (!this.running) throw new Error(`${this.name} ended before ${what}; it printed:\n${this.#output}`);
      },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGCONT');
    await this.stop('SIGKILL');
  }
}
