import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { BenchRun } from '../../api/bench.ts';

const KEPT_LINES = 200;
/** A quick bench takes about a minute; a run that takes this long hangs and is stopped. */
const MAX_RUN_MS = 300_000;
/** Time for a stopped bench to write its report. */
const STOP_MS = 10_000;

/** Runs one bench at a time in its own process. */
export class BenchRunner implements AsyncDisposable {
  readonly #command: readonly [string, ...string[]];
  readonly #env: NodeJS.ProcessEnv;
  #run: BenchRun = { state: 'none' };
  #child: ChildProcess | undefined;
  #ended: Promise<void> = Promise.resolve();

  /** @param command the script and its arguments, run by this Node */
  constructor(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv) {
    this.#command = command;
    this.#env = env;
  }

  /** False in an image, which ships without the bench. */
  get isInstalled(): boolean {
    const [script] = this.#command;
    return script.startsWith('-') || existsSync(script);
  }

  get run(): BenchRun {
    return this.#run;
  }

  /** Starts a run; false if one is already running. */
  start(): boolean {
    if (this.#run.state === 'running') return false;
    const startedAt = new Date().toISOString();
    let output: readonly string[] = [];
    const child = spawn(process.execPath, this.#command, { env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#run = { state: 'running', startedAt, output };
    const keep = (line: string) => {
      output = [...output, line.slice(0, 400)].slice(-KEPT_LINES);
      if (this.#run.state === 'running') this.#run = { state: 'running', startedAt, output };
    };
    for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', keep);
    const timers = [
      setTimeout(() => child.kill('SIGTERM'), MAX_RUN_MS),
      setTimeout(() => child.kill('SIGKILL'), MAX_RUN_MS + STOP_MS),
    ];
    this.#ended = new Promise((resolve) => {
      const end = (exitCode: number | null) => {
        for (const timer of timers) clearTimeout(timer);
        this.#run = { state: 'ended', startedAt, endedAt: new Date().toISOString(), exitCode, output };
        resolve();
      };
      child.on('error', (error) => {
        keep(error.message);
        end(null);
      });
      child.on('close', end);
    });
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#run.state !== 'running') return;
    const child = this.#child;
    child?.kill('SIGTERM');
    const forced = setTimeout(() => child?.kill('SIGKILL'), 2000);
    await this.#ended;
    clearTimeout(forced);
  }
}
