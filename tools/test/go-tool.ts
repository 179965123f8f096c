import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Go programs that tests and scripts run, pinned so that runs stay comparable. */
const MODULES = {
  grpcurl: 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.4',
  ghz: 'github.com/bojand/ghz/cmd/ghz@v0.93.0',
  connectconformance: 'connectrpc.com/conformance/cmd/connectconformance@v1.0.5',
  h2spec: 'github.com/summerwind/h2spec/cmd/h2spec@v2.2.1+incompatible',
  actionlint: 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
  kustomize: 'sigs.k8s.io/kustomize/kustomize/v5@v5.6.0',
} as const;

export type GoTool = keyof typeof MODULES;

/** Finds the program on PATH or in the user's cache folder; otherwise builds it there if Go is installed. */
export function ensureGoTool(tool: GoTool): { ok: true; program: string } | { ok: false; reason: string } {
  const found = findGoTool(tool);
  if (found !== undefined) return { ok: true, program: found };
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    return { ok: false, reason: `it is not on PATH and cannot be built, because Go is not installed` };
  }
  console.log(`Building ${MODULES[tool]} once.`);
  mkdirSync(cacheDir(), { recursive: true });
  const build = spawnSync('go', ['install', MODULES[tool]], {
    encoding: 'utf8',
    env: { ...process.env, GOBIN: cacheDir() },
    timeout: 300_000,
  });
  if (build.status !== 0) return { ok: false, reason: `go install failed: ${build.stderr.trim().slice(-300)}` };
  return { ok: true, program: join(cacheDir(), tool) };
}

/** The program's path; undefined if it is not installed. Does not build it. */
export function findGoTool(tool: GoTool): string | undefined {
  if (spawnSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' }).status === 0) return tool;
  const cached = join(cacheDir(), tool);
  return existsSync(cached) ? cached : undefined;
}

function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'votewire', 'bin');
}
