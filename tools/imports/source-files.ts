import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const SKIPPED = new Set(['node_modules', 'dist', 'build', 'results', 'assembly']);
/** What `npm start` keeps; a room may have a folder of that name. */
const STATE = 'data';

/** Every `.ts` and `.tsx` file of the rooms, relative to `root`; generated output and dependencies left out. */
export function listSourceFiles(root: string, folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.name.startsWith('.') || SKIPPED.has(entry.name) || path === STATE) return [];
    if (entry.isDirectory()) return listSourceFiles(root, path);
    // Files at the root belong to no room.
    return folder !== '' && /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}
