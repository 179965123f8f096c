import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { DriverJob, DriverResult, SecondRow } from '../../load/job.ts';
import type { DriverMessage } from '../../load/main.ts';
import { type Child, startChild } from '../child.ts';
import type { Core } from '../placement.ts';
import { ROOT } from '../runtimes.ts';

export interface DriveOptions {
  readonly core: Core;
  /** A driver process that `startDriver` began; undefined: one is started. */
  readonly driver?: Promise<Child> | undefined;
  /** Told each second of the measured window. */
  readonly onSecond?: (row: SecondRow) => void;
  /** Called when the requests are made and the connections open, before the first is sent. */
  readonly onReady?: () => void;
  /** Called when the server is warm, under load; the window begins when it resolves. */
  readonly onWarm?: () => Promise<unknown>;
  /** Ends the driver at once. */
  readonly signal?: AbortSignal;
}

/** Starts a driver process, which then waits for its job. */
export function startDriver(core: Core): Promise<Child> {
  return startChild({ command: [process.execPath, `${ROOT}/bench/load/main.ts`], core });
}

/**
 * Runs a job in a driver process of its own.
 *
 * @throws {Error} where the target can't be reached, or the driver ends early
 */
export async function drive(job: DriverJob, options: DriveOptions): Promise<DriverResult> {
  await using driver = await (options.driver ?? startDriver(options.core));
  options.signal?.addEventListener('abort', () => driver.process.kill('SIGKILL'), { once: true });
  const { stdin, stdout } = driver.process;
  if (!stdin || !stdout) throw new Error('the driver has no pipes');
  stdin.write(`${JSON.stringify(job)}\n`);
  for await (const line of createInterface({ input: stdout })) {
    const message = JSON.parse(line) as DriverMessage;
    if (message.type === 'ready') {
      options.onReady?.();
      stdin.write('go\n');
    } else if (message.type === 'warm') {
      await options.onWarm?.();
      stdin.write('measure\n');
    } else if (message.type === 'second') options.onSecond?.(message.row);
    else if (message.type === 'failed') throw new Error(message.message);
    else {
      // It ends by itself, and keeps what it has compiled for the next one.
      await once(driver.process, 'exit');
      return message.result;
    }
  }
  throw new Error(`the driver ended early:\n${driver.output()}`);
}
