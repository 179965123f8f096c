import type { Generator } from '../runner/measure.ts';
import { drive, startDriver } from './audit/drive.ts';
import type { Child } from './child.ts';

/** The own driver: for each job a process of its own, which starts while the system does. */
export function ownGenerator(): Generator {
  let prepared: Promise<Child> | undefined;
  const take = () => {
    const driver = prepared;
    prepared = undefined;
    return driver;
  };
  return {
    prepare(core) {
      prepared ??= startDriver(core);
      // Whoever takes it hears of it.
      prepared.catch(() => undefined);
    },
    drive: (job, core, onWarm) => drive(job, { core, onWarm, driver: take() }),
    async [Symbol.asyncDispose]() {
      await (await take())?.[Symbol.asyncDispose]();
    },
  };
}
