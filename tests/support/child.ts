import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { TEST_RUN_VARIABLE } from '../../tools/test/left-over-processes.ts';
import { waitFor } from './wait-for.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The only variables that a child inherits, so that the developer's shell does not affect tests. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE', TEST_RUN_VARIABLE];
/** Maximum length of the kept output, in characters. */
const KEPT = 65_536;

export interface ChildOptions {
  /** For errors. */
  readonly name: string;
  /** A program and its arguments, run in the repository's root. */
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** Creates a child that runs one of the product's scripts with Node. */
export function scriptChild(name: string, script: string, env: Readonly<Record<string, string>> = {}): Child {
  return new Child({ name, command: [process.execPath, script], env });
}

/** A real process that a test can start, signal, stop and restart. It ends with the test's own process. */
export class Child implements AsyncDisposable {
  readonly name: string;
  readonly #command: readonly [string, ...string[]];
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;
  #output = '';
  /** Output since the last start. */
  #lastOutput = '';

  constructor({ name, command, env }: ChildOptions) {
    this.name = name;
    this.#command = command;
    this.#env = { ...Object.fromEntries(INHERITED.map((key) => [key, process.env[key]])), ...env };
  }

  /** The end of its output, over all starts. */
  get output(): string {
    return this.#output;
  }

  get running(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the process unless it is running. */
  start(): void {
    if (this.running) return;
    const [program, ...args] = this.#command;
    const child = spawn(program, args, { cwd: ROOT, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => {
      this.#output = (this.#output + chunk.toString()).slice(-KEPT);
      if (child === this.#process) this.#lastOutput = (this.#lastOutput + chunk.toString()).slice(-KEPT);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    this.#process = child;
    this.#lastOutput = '';
    const end = () => child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
  }

  /** Sends a signal if the process is running. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Waits until it has printed `text` since its last start; resolves to the first group of a pattern. */
  async hasPrinted(text: string | RegExp, timeoutMs = 15_000): Promise<string> {
    const isThere = () => (typeof text === 'string' ? this.#lastOutput.includes(text) : text.test(this.#lastOutput));
    await this.until(`it prints ${text}`, isThere, timeoutMs);
    return typeof text === 'string' ? '' : (text.exec(this.#lastOutput)?.[1] ?? '');
  }

  /** Waits until the process has exited and its output is complete; resolves to the exit code. */
  async ended(): Promise<number | null> {
    const child = this.#process;
    if (child !== undefined && this.running) await once(child, 'close');
    return child?.exitCode ?? null;
  }

  /**
   * Sends `signal` and waits until the process and all holders of its output have exited.
   *
   * @returns its exit code; null if the signal ended it
   * @throws {Error} if it had to be killed after `timeoutMs`
   */
  async stop(signal: NodeJS.Signals, timeoutMs = 10_000): Promise<number | null> {
    const child = this.#process;
    if (child === undefined || !this.running) return child?.exitCode ?? null;
    const closed = once(child, 'close');
    child.kill(signal);
    // A paused process handles no other signal.
    if (signal === 'SIGKILL') child.kill('SIGCONT');
    const forced = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    await closed;
    clearTimeout(forced);
    if (child.signalCode === 'SIGKILL' && signal !== 'SIGKILL') {
      throw new Error(`${this.name} was still running ${timeoutMs} ms after ${signal}; it printed:\n${this.#output}`);
    }
    return child.exitCode;
  }

  /** Waits until `condition` holds; fails as soon as the process ends, or after `timeoutMs`. */
  async until(what: string, condition: () => unknown, timeoutMs = 30_000): Promise<void> {
    const orThrow = () => {
      if (!this.running) throw new Error(`${this.name} ended before ${what}; it printed:\n${this.#output}`);
    };
    try {
      await waitFor(condition, { what: `${this.name}: ${what}`, timeoutMs, orThrow });
    } catch (error) {
      if (error instanceof Error) error.message += `\nIts last output:\n${this.#lastOutput.slice(-2000)}`;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
  }
}
