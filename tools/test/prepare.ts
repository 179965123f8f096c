import type { TestProject } from 'vitest/node';
import { type ArtifactName, build } from '../../supervisor/build/build.ts';
import { prepareMongoServer } from '../../supervisor/build/mongo-server.ts';
import { ensureGoTool, type GoTool } from './go-tool.ts';
import { installMissing, type Program } from './programs.ts';
import { ensurePythonTool, type PythonTool } from './python-tool.ts';

/** Programs and builds that the tests of a project need. */
interface Needs {
  readonly build: readonly ArtifactName[];
  readonly programs: readonly Program[];
  /** Tests that need them skip with the reason, also in CI. */
  readonly optionalPrograms?: readonly Program[];
  readonly mongo?: true;
  readonly goTools?: readonly GoTool[];
  readonly pythonTools?: readonly PythonTool[];
}

const NEEDS: Readonly<Record<string, Needs>> = {
  unit: { build: ['wasm'], programs: [] },
  integration: {
    build: ['wasm', 'web'],
    programs: ['redis-server', 'python3'],
    optionalPrograms: ['h2load', 'nginx', 'haproxy', 'prometheus'],
    mongo: true,
    goTools: ['grpcurl', 'ghz', 'connectconformance', 'h2spec', 'kustomize', 'actionlint'],
    pythonTools: ['kubernetes-validate'],
  },
  browser: { build: ['wasm', 'web'], programs: ['redis-server', 'chromium'] },
  quiet: { build: ['wasm', 'web'], programs: ['redis-server'] },
};

/**
 * Vitest global setup of each project: installs what its tests need, if permitted, and builds outdated artifacts.
 * Vitest calls it only for projects with selected tests, so `npm test -- one/file` prepares only that file's project.
 *
 * @throws {Error} under `CI=true` if something is missing; elsewhere the tests that need it skip with the reason
 */
export default async function prepare({ name }: TestProject): Promise<void> {
  const needs = NEEDS[name];
  if (needs === undefined) throw new Error(`Cannot prepare the test project ${name}: tools/test/prepare.ts lacks it`);
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
