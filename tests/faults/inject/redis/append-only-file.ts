import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** Truncates the current append-only file, like an interrupted write. */
export function tearTail(redisDir: string, bytes: number): void {
  const path = currentFile(redisDir);
  truncateSync(path, statSync(path).size - bytes);
}

/** Truncates data that was not synced to the disk, like a power loss. The server must run with `notingSyncs`. */
export function loseUnsynced(redisDir: string): void {
  const path = currentFile(redisDir);
  truncateSync(path, Number(readFileSync(`${path}.synced`, 'utf8')));
}

/** A command prefix that makes a server record how much of each file it has synced. Compiles a library with `cc`. */
export function notingSyncs(dir: string): readonly string[] {
  const library = join(dir, '..', 'synced-size.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'synced-size.c'), '-ldl']);
  return ['env', `LD_PRELOAD=${library}`];
}

function currentFile(redisDir: string): string {
  const dir = join(redisDir, 'appendonlydir');
  const newest = readdirSync(dir)
    .filter((name) => name.endsWith('.incr.aof'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1);
  if (newest === undefined) throw new Error(`${dir} holds no append-only file`);
  return join(dir, newest);
}
