import type { DriverJob, DriverResult, Outcomes, Window } from '../load/job.ts';
import type { DriverReply, DriverRequest } from '../load/main.ts';
import { LineProcess } from './process/line-process.ts';
import type { Core } from './process/placement.ts';
import { ROOT } from './process/runtimes.ts';

/** A job of a load generator: its connections stay open from one window to the next. */
export interface OpenJob {
  /** Sends at full speed until the server has compiled its code. */
  warmUp(): Promise<Outcomes>;
  /** @throws {Error} if the process ends */
  measure(window: Window): Promise<DriverResult>;
}

/** A load generator process. It may have several jobs and runs one at a time. */
export class Driver implements AsyncDisposable {
  readonly #process: LineProcess;
  #jobs = 0;

  private constructor(process: LineProcess) {
    this.#process = process;
  }

  /** Starts the process, which loads its code while the system under test starts. */
  static async start(core: Core): Promise<Driver> {
    return new Driver(await LineProcess.start(`${ROOT}/bench/load/main.ts`, core));
  }

  /**
   * Creates the requests of a job and opens its connections.
   *
   * @throws {Error} if the target cannot be reached
   */
  async open(job: DriverJob): Promise<OpenJob> {
    const id = this.#jobs++;
    await this.#ask({ type: 'job', id, job }, 'ready');
    return {
      warmUp: async () => (await this.#ask({ type: 'warm-up', id }, 'warm')).outcomes,
      measure: async (window) => (await this.#ask({ type: 'measure', id, window }, 'measured')).result,
    };
  }

  async [Symbol.asyncDispose]() {
    await this.#process[Symbol.asyncDispose]();
  }

  async #ask<T extends DriverReply['type']>(
    request: DriverRequest,
    type: T,
  ): Promise<Extract<DriverReply, { type: T }>> {
    const reply = JSON.parse(await this.#process.ask(JSON.stringify(request))) as DriverReply;
    if (reply.type === 'failed') throw new Error(reply.message);
    if (reply.type !== type) throw new Error(`the load generator answered "${reply.type}" to "${request.type}"`);
    return reply as Extract<DriverReply, { type: T }>;
  }
}

/** Starts a separate load generator process with one job. */
export async function openDriver(job: DriverJob, core: Core): Promise<OpenJob & AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const driver = started.use(await Driver.start(core));
  const open = await driver.open(job);
  const owned = started.move();
  return { ...open, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
