import { join } from 'node:path';
import { expect, test } from 'vitest';
import { narrowNeeds } from './narrow-needs.ts';
import { NEEDS } from './needs.ts';

const NOTHING = { build: [], programs: [], optionalPrograms: [], goTools: [], pythonTools: [] };

test.each([
  ['unit', 'http/problem-reply.test.ts', NOTHING],
  ['unit', 'wasm/codec.test.ts', { ...NOTHING, build: ['wasm'] }],
  [
    'integration',
    'edge/grpc/rpc.integration.test.ts',
    { ...NOTHING, build: ['wasm', 'web'], programs: ['redis-server'], goTools: ['grpcurl', 'ghz'] },
  ],
  [
    'integration',
    'tests/docs/kubernetes.test.ts',
    {
      ...NOTHING,
      build: ['wasm', 'web'],
      programs: ['redis-server', 'python3'],
      goTools: ['kustomize'],
      pythonTools: ['kubernetes-validate'],
    },
  ],
  [
    'integration',
    'store/log/log-store.integration.test.ts',
    { ...NOTHING, build: ['wasm', 'web'], programs: ['redis-server', 'python3'], mongo: true },
  ],
])('%s: what %s needs', (project, file, needs) => {
  const all = NEEDS[project] ?? expect.unreachable('no such project');
  expect(narrowNeeds(all, [join(import.meta.dirname, '../..', file)])).toStrictEqual(needs);
});
