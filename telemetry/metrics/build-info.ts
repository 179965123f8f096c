import { readFileSync } from 'node:fs';
import { Gauge, type Registry } from 'prom-client';
import { type Env, readText } from '../../config/env.ts';

/** Version and runtime of this process. */
export interface BuildInfo {
  /** From package.json. */
  readonly version: string;
  /** `VOTEWIRE_COMMIT`, which the image sets; `unknown` from a checkout. */
  readonly commit: string;
  /** For example, `node 24.21.0`. */
  readonly runtime: string;
}

export function readBuildInfo(env: Env): BuildInfo {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as BuildInfo;
  const { bun, deno, node } = process.versions;
  const runtime = bun ? `bun ${bun}` : deno ? `deno ${deno}` : `node ${node}`;
  return { version, commit: readText(env, 'VOTEWIRE_COMMIT', 'unknown'), runtime };
}

/** Registers the metric `votewire_build_info`, whose value is 1 and whose labels describe the build. */
export function registerBuildInfo(registry: Registry, build: BuildInfo): void {
  const metric = new Gauge({
    name: 'votewire_build_info',
    help: 'Version, commit and runtime of this process',
    labelNames: ['version', 'commit', 'runtime'],
    registers: [registry],
  });
  metric.set({ ...build }, 1);
}
