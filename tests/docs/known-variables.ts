import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const READ =
  /\bread(?:Integer|Text|Choice|Flag|Secret|Url|FileVariable|DeploymentSecret)\(\s*(?:process\.)?env,\s*'([A-Z_]+)'|\bisSet\(\s*env,\s*'([A-Z_]+)'/g;
const SERVICE_SOURCES = '{config,http,telemetry,store,edge,consumer,cli,dashboard/server,supervisor}/**/*.ts';

/** Every environment variable that a service reads, found in the code. */
export function knownVariables(root: string): Set<string> {
  const files = globSync(SERVICE_SOURCES, { cwd: root, exclude: ['**/*.test.ts'] });
  return new Set(
    files.flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(READ)].map((match) => match[1] ?? match[2] ?? ''),
    ),
  );
}
