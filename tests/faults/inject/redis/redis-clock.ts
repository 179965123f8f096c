import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A command prefix that makes the wall clock of redis-server settable. Compiles a library with `cc`. */
export function withSettableClock(dir: string): readonly string[] {
  mkdirSync(dir, { recursive: true });
  const library = join(dir, '..', 'clock-offset.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, join(import.meta.dirname, 'clock-offset.c'), '-ldl']);
  setRedisClock(dir, 0);
  return ['env', `LD_PRELOAD=${library}`, `CLOCK_OFFSET_FILE=${offsetFile(dir)}`];
}

/** Sets the clock of a server that runs with `withSettableClock` to this offset from the true time. */
export function setRedisClock(dir: string, offsetSeconds: number): void {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(offsetSeconds) * 1_000_000n);
  // Written in place, because the server has the file mapped.
  const file = openSync(offsetFile(dir), 'a+');
  closeSync(file);
  const mapped = openSync(offsetFile(dir), 'r+');
  writeSync(mapped, bytes, 0, 8, 0);
  closeSync(mapped);
}

function offsetFile(dir: string): string {
  return join(dir, '..', 'clock-offset');
}
