import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { DriverJob, DriverResult, Outcomes, SecondRow, Window } from '../load/job.ts';
import type { DriverReply, DriverRequest } from '../load/main.ts';
import { type Child, startChild } from './process/child.ts';
import type { Core } from './process/placement.ts';
import { ROOT } from './process/runtimes.ts';

/** A job of a load generator: its connections stay open from one window to the next. */
export interface OpenJob {
  /** Sends at full speed until the server has compiled its code. */
  warmUp(): Promise<Outcomes>;
  /**
   * @param onSecond called at each full second of the window
   * @throws {Error} if the process ends
   */
  measure(window: Window, onSecond?: (row: SecondRow) => void): Promise<DriverResult>;
}

/** A load generator process. It may hold several jobs and works on one at a time. */
export class Driver implements AsyncDisposable {
  readonly #child: Child;
  readonly #replies: AsyncIterator<string>;
  #jobs = 0;

  private constructor(child: Child) {
    this.#child = child;
    this.#replies = createInterface({ input: child.process.stdout ?? process.stdin })[Symbol.asyncIterator]();
  }

  /** Starts the process; it loads its code while the system under test starts. */
  static async start(core: Core): Promise<Driver> {
    return new Driver(await startChild({ command: [process.execPath, `${ROOT}/bench/load/main.ts`], core }));
  }

  /**
   * Makes the requests of a job and opens its connections.
   *
   * @throws {Error} if the target cannot be reached
   */
  async open(job: DriverJob): Promise<OpenJob> {
    const id = this.#jobs++;
    await this.#ask({ type: 'job', id, job }, 'ready');
    return {
      warmUp: async () => (await this.#ask({ type: 'warm-up', id }, 'warm')).outcomes,
      measure: async (window, onSecond) =>
        (await this.#ask({ type: 'measure', id, window }, 'measured', onSecond)).result,
    };
  }

  async [Symbol.asyncDispose]() {
    // It ends by itself and stores its compile cache for the next one.
    if (this.#child.process.exitCode === null && this.#child.process.signalCode === null) {
      const exited = once(this.#child.process, 'exit');
      this.#child.process.stdin?.end();
      await Promise.race([exited, once(AbortSignal.timeout(2000), 'abort')]);
    }
    await this.#child[Symbol.asyncDispose]();
  }

  async #ask<T extends DriverReply['type']>(
    request: DriverRequest,
    type: T,
    onSecond?: (row: SecondRow) => void,
  ): Promise<Extract<DriverReply, { type: T }>> {
    this.#child.process.stdin?.write(`${JSON.stringify(request)}\n`);
    for (;;) {
      const { value, done } = await this.#replies.next();
      if (done) throw new Error(`the load generator exited unexpectedly:\n${this.#child.output()}`);
      const reply = JSON.parse(value) as DriverReply;
      if (reply.type === 'second') onSecond?.(reply.row);
      else if (reply.type === 'failed') throw new Error(reply.message);
      else if (reply.type === type) return reply as Extract<DriverReply, { type: T }>;
      else throw new Error(`the load generator answered "${reply.type}" to "${request.type}"`);
    }
  }
}

/** A load generator process of its own with one job. */
export async function openDriver(job: DriverJob, core: Core): Promise<OpenJob & AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const driver = started.use(await Driver.start(core));
  const open = await driver.open(job);
  const owned = started.move();
  return { ...open, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
