import { closeSync, openSync, writeSync } from 'node:fs';

/** A command prefix that mounts a file system of this size at `dir`, only for the command; needs no privileges. */
export function inSmallFileSystem(dir: string, size: string): readonly string[] {
  const script = `mount -t tmpfs -o size=${size} tmpfs '${dir}' && cd '${dir}' && exec "$@"`;
  return ['unshare', '-Urm', 'sh', '-c', script, 'sh'];
}

/** Writes a file until the file system is full. */
export function fillUp(path: string): void {
  const file = openSync(path, 'w');
  const block = Buffer.alloc(65536, 'x');
  try {
    for (let size = block.length; size >= 1; ) {
      try {
        if (writeSync(file, block, 0, size) === 0) size = Math.floor(size / 2);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        size = Math.floor(size / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}
