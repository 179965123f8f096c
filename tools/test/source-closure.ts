import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Specifiers of static and dynamic imports, and of re-exports. */
const RELATIVE_IMPORT = /(?:from|import)[\s(]*['"](\.{1,2}\/[^'"]+)['"]/g;

/** The text of these files and of all that they import by a relative path, by file name. */
export function sourceClosure(files: readonly string[]): Map<string, string> {
  const texts = new Map<string, string>();
  const waiting = [...files];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (texts.has(file) || !existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    texts.set(file, text);
    const folder = dirname(file);
    waiting.push(...[...text.matchAll(RELATIVE_IMPORT)].map(([, path = '']) => join(folder, path)));
  }
  return texts;
}
