import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const SKIPPED = new Set(['node_modules', 'dist', 'build', 'data', 'results', 'assembly']);

/** Every `.ts` and `.tsx` file of the rooms, relative to `root`; generated output and dependencies left out. */
export function listSourceFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) return [];
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return listSourceFiles(root, path);
    // Files at the root belong to no room.
    return folder !== '' && /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}
