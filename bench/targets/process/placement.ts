import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The number of a core, or several such as `0,1`; undefined: any. */
export type Core = number | string | undefined;

/** The core of each process; all undefined if processes cannot be pinned on this system. */
export interface Placement {
  readonly server: Core;
  readonly driver: Core;
  readonly redis: Core;
  readonly consumer: Core;
}

/**
 * The server under test gets its own core. On two cores, the driver, Redis and the consumer share the other one, and
 * the driver monitors its own share.
 */
export function choosePlacement(): Placement {
  const cores = availableParallelism();
  const works = process.platform === 'linux' && spawnSync('taskset', ['--version'], { stdio: 'ignore' }).status === 0;
  if (!works || cores < 2) return { server: undefined, driver: undefined, redis: undefined, consumer: undefined };
  return { server: 0, driver: 1, redis: cores > 2 ? 2 : 1, consumer: cores > 3 ? 3 : cores > 2 ? 2 : 1 };
}

/** Places everything on two cores and lets the kernel schedule it, to measure a whole system on a small machine. */
export function twoCores({ server }: Placement): Placement {
  const core = server === undefined ? undefined : '0,1';
  return { server: core, driver: core, redis: core, consumer: core };
}

/** The command that runs `command` on `core`. */
export function pinned(core: Core, command: readonly string[]): [string, ...string[]] {
  const [program = '', ...args] = command;
  return core === undefined ? [program, ...args] : ['taskset', '-c', `${core}`, program, ...args];
}

/** Nice value of a load generator: on two cores it shares one with Redis and the consumer and must not wait for them. */
export const DRIVER_NICE = -10;

/** Pins all threads of a running process. */
export function pin(core: Core, pid: number) {
  if (core !== undefined) spawnSync('taskset', ['-acp', `${core}`, `${pid}`], { stdio: 'ignore' });
}
