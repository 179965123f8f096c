import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listSourceFiles } from '../../tools/imports/source-files.ts';

const READ =
  /\bread(?:Integer|Text|Choice|Flag|Secret|Url)\(\s*(?:process\.)?env,\s*'([A-Z_]+)'|\bisSet\(\s*env,\s*'([A-Z_]+)'/g;
const SERVICE_ROOMS = /^(config|store|edge|consumer|cli|dashboard\/server|supervisor)\//;

/** Every variable that a part of the system reads, found where it is read. */
export function knownVariables(root: string): Set<string> {
  const files = listSourceFiles(root).filter((file) => SERVICE_ROOMS.test(file) && !file.endsWith('.test.ts'));
  return new Set(
    files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(READ)].map((match) => match[1] ?? match[2] ?? ''),
    ),
  );
}
