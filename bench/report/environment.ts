import { spawnSync } from 'node:child_process';
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { EDGE_ENV, REDIS_SETTINGS } from '../targets/edge-system.ts';
import type { Placement } from '../targets/process/placement.ts';
import { ROOT, runtimeVersion } from '../targets/process/runtimes.ts';

/** Information for judging or repeating a run. Null: not installed, or not reported by this system. */
export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly arch: string;
  readonly versions: Readonly<Record<string, string | null>>;
  /** Git commit of the code; `+changes` if the working tree differed from it. */
  readonly commit: string | null;
  /** The core of each process, such as `server 0, driver 1, redis 1, consumer 1`. */
  readonly pinning: string;
  readonly redis: string;
  readonly edgeEnv: Readonly<Record<string, string>>;
  /** Load of the machine over the minute before the run. */
  readonly loadAverage: number;
}

export function readEnvironment(placement: Placement): Environment {
  const commit = output('git', ['-C', ROOT, 'rev-parse', '--short=12', 'HEAD']);
  const changes = output('git', ['-C', ROOT, 'status', '--porcelain', '--untracked-files=no']);
  const pins = Object.entries(placement).map(([part, core]) => `${part} ${core}`);
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    os: `${platform()} ${release()}`,
    arch: arch(),
    versions: {
      node: runtimeVersion('node') ?? null,
      bun: runtimeVersion('bun') ?? null,
      deno: runtimeVersion('deno') ?? null,
      go: /go(\d+\.\d+(?:\.\d+)?)/.exec(output('go', ['version']) ?? '')?.[1] ?? null,
      rust: /rustc (\d+\.\d+\.\d+)/.exec(output('rustc', ['--version']) ?? '')?.[1] ?? null,
      redis: /v=(\S+)/.exec(output('redis-server', ['--version']) ?? '')?.[1] ?? null,
    },
    commit: commit === null ? null : `${commit}${changes ? '+changes' : ''}`,
    pinning: placement.server === undefined ? 'none: processes cannot be pinned here' : pins.join(', '),
    redis: REDIS_SETTINGS,
    edgeEnv: EDGE_ENV,
    loadAverage: loadavg()[0] ?? 0,
  };
}

function output(program: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : null;
}
