import type { TestProject } from 'vitest/node';
import { build } from '../../supervisor/build/build.ts';
import { prepareMongoServer } from '../../supervisor/build/mongo-server.ts';
import { ensureGoTool } from './go-tool.ts';
import { narrowNeeds } from './narrow-needs.ts';
import { NEEDS } from './needs.ts';
import { installMissing } from './programs.ts';
import { ensurePythonTool } from './python-tool.ts';

/**
 * Vitest global setup of each project: installs what its tests need, if permitted, and builds outdated artifacts.
 * Vitest calls it only for projects with selected tests, and `npm test -- one/file` prepares only what that file needs.
 *
 * @throws {Error} under `CI=true` if something is missing; elsewhere the tests that need it skip with the reason
 */
export default async function prepare(project: TestProject): Promise<void> {
  const { name } = project;
  const all = NEEDS[name];
  if (all === undefined) throw new Error(`Cannot prepare the test project ${name}: tools/test/needs.ts lacks it`);
  const filters = readFilters(process.argv);
  const { testFiles } = await project.globTestFiles(filters);
  const needs = filters.length === 0 || testFiles.length === 0 ? all : narrowNeeds(all, testFiles);
  const missing = installMissing(needs.programs);
  for (const line of installMissing(needs.optionalPrograms ?? [])) console.log(`Missing ${line}`);
  const mongo = needs.mongo && prepareMongoServer();
  if (mongo !== undefined) missing.push(`MongoDB server: ${mongo}`);
  for (const line of missing) console.log(`Missing ${line}`);
  if (missing.length > 0 && process.env.CI === 'true') throw new Error(`Missing ${missing.join('; ')}`);
  for (const tool of needs.goTools ?? []) {
    const result = ensureGoTool(tool);
    if (!result.ok) console.log(`Missing ${tool}: ${result.reason}`);
  }
  for (const tool of needs.pythonTools ?? []) {
    const reason = ensurePythonTool(tool);
    if (reason !== undefined) console.log(`Missing ${tool}: ${reason}`);
  }
  await build({ only: needs.build, onLine: console.log });
}

/** File filters on Vitest's command line. A word after an option may be its value. */
function readFilters([, , ...words]: readonly string[]): string[] {
  return words.filter((word, at) => word !== 'run' && !word.startsWith('-') && words[at - 1]?.startsWith('-') !== true);
}
