import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Child, startChild } from './child.ts';
import type { Core } from './placement.ts';

/** Time for a process to exit cleanly, so that it stores its compile cache for the next process. */
const END_MS = 2000;

/** A script of this repository that answers each line on standard input with one line. End of input ends it. */
export class LineProcess implements AsyncDisposable {
  readonly #child: Child;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: Child) {
    this.#child = child;
    this.#lines = createInterface({ input: child.process.stdout ?? process.stdin })[Symbol.asyncIterator]();
  }

  static async start(script: string, core: Core): Promise<LineProcess> {
    return new LineProcess(await startChild({ command: [process.execPath, script], core }));
  }

  /** @throws {Error} if the process ends, with its last output */
  async ask(line: string): Promise<string> {
    this.#child.process.stdin?.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#child.process.spawnargs.at(-1)} exited unexpectedly:\n${this.#child.output()}`);
    return value;
  }

  async [Symbol.asyncDispose]() {
    const { process: child } = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.stdin?.end();
      await Promise.race([exited, once(AbortSignal.timeout(END_MS), 'abort')]);
    }
    await this.#child[Symbol.asyncDispose]();
  }
}
