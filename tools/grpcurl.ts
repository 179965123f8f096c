import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const MODULE = 'github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3';

/** Finds grpcurl on PATH or in our cache folder; builds it there with Go where Go is installed. */
export function ensureGrpcurl(): { ok: true; program: string } | { ok: false; reason: string } {
  const found = findGrpcurl();
  if (found !== undefined) return { ok: true, program: found };
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    return { ok: false, reason: 'not on PATH, and there is no Go to build it with' };
  }
  console.log(`Building ${MODULE} once.`);
  mkdirSync(cacheDir(), { recursive: true });
  const build = spawnSync('go', ['install', MODULE], {
    encoding: 'utf8',
    env: { ...process.env, GOBIN: cacheDir() },
    timeout: 300_000,
  });
  if (build.status !== 0) return { ok: false, reason: `go install failed: ${build.stderr.trim().slice(-300)}` };
  return { ok: true, program: join(cacheDir(), 'grpcurl') };
}

/** The path of grpcurl; undefined where it was not found, and never builds it. */
export function findGrpcurl(): string | undefined {
  if (spawnSync('grpcurl', ['--version'], { stdio: 'ignore' }).status === 0) return 'grpcurl';
  const cached = join(cacheDir(), 'grpcurl');
  return existsSync(cached) ? cached : undefined;
}

function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'votewire', 'bin');
}
