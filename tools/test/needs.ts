import type { ArtifactName } from '../../supervisor/build/build.ts';
import type { GoTool } from './go-tool.ts';
import type { Program } from './programs.ts';
import type { PythonTool } from './python-tool.ts';

/** What the tests of a project run for real. */
export interface Needs {
  readonly build: readonly ArtifactName[];
  readonly programs: readonly Program[];
  /** Tests that need them skip with the reason, in CI too. */
  readonly optionalPrograms?: readonly Program[];
  readonly mongo?: true;
  readonly goTools?: readonly GoTool[];
  readonly pythonTools?: readonly PythonTool[];
}

/** By project. */
export const NEEDS: Readonly<Record<string, Needs>> = {
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
