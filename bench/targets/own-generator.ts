import type { DriverJob, DriverResult } from '../load/job.ts';
import { drive, startDriver } from './audit/drive.ts';
import type { Child } from './child.ts';
import type { Core } from './placement.ts';

/** The load generator: one process per job, started early so that it loads while the system under test starts. */
export class OwnGenerator implements AsyncDisposable {
  #prepared: Promise<Child> | undefined;

  /** Starts the process of the next job. */
  prepare(core: Core) {
    this.#prepared ??= startDriver(core);
    // `drive` awaits it and reports the error.
    this.#prepared.catch(() => undefined);
  }

  /** Runs a job from a core; `onWarm` is called between the warm-up and the measured window. */
  drive(job: DriverJob, core: Core, onWarm: () => Promise<unknown>): Promise<DriverResult> {
    return drive(job, { core, onWarm, driver: this.#take() });
  }

  async [Symbol.asyncDispose]() {
    await (await this.#take())?.[Symbol.asyncDispose]();
  }

  #take(): Promise<Child> | undefined {
    const driver = this.#prepared;
    this.#prepared = undefined;
    return driver;
  }
}
