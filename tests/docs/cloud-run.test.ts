import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { testNeeding } from '../support/needing.ts';

const root = join(import.meta.dirname, '../..');
const script = join(root, 'deploy/cloudrun/deploy.sh');
const envsubst = spawnSync('envsubst', ['--version'], { stdio: 'ignore' }).status === 0;
const REDIS_URL = 'redis://:hush@10.0.0.3:6379';

function dryRun(env: Readonly<Record<string, string>>) {
  return spawnSync(script, ['--dry-run'], { encoding: 'utf8', env: { PATH: process.env.PATH, ...env } });
}

interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly serviceAccountName?: string;
        readonly containers: readonly {
          readonly name: string;
          readonly image: string;
          readonly env?: readonly { readonly valueFrom?: { readonly secretKeyRef: { readonly key: string } } }[];
        }[];
      };
    };
  };
}

testNeeding(!envsubst && 'envsubst is not installed')('deploy.sh --dry-run prints every command and manifest', () => {
  const { status, stdout, stderr } = dryRun({ PROJECT: 'my-project', REDIS_URL });
  expect(status, stderr).toBe(0);
  const lines = stdout.split('\n');
  const commands = lines.filter((line) => line.startsWith('+ '));
  for (const words of ['builds submit', 'service-accounts create', 'worker-pools replace', 'run services replace']) {
    expect(commands.join('\n')).toContain(words);
  }
  const text = lines.filter((line) => !line.startsWith('+ ') && !line.startsWith('Votes: ')).join('\n');
  const manifests = parseAllDocuments(text.replaceAll(/^(?=apiVersion: )/gm, '---\n'))
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
  expect(manifests.map(({ kind }) => kind)).toStrictEqual(['WorkerPool', 'Service', 'Service']);
  for (const { spec } of manifests) {
    const { serviceAccountName, containers } = spec.template.spec;
    expect(serviceAccountName).toBe('votewire@my-project.iam.gserviceaccount.com');
    expect(containers.map(({ name }) => name)).toContain('collector');
    for (const { image, env = [] } of containers) {
      expect(image).toMatch(/@sha256:|:\d+\.\d+\.\d+$/);
      for (const { valueFrom } of env) if (valueFrom) expect(valueFrom.secretKeyRef.key).toMatch(/^\d+$/);
    }
  }
  expect(`${stdout}${stderr}`, 'a secret is printed').not.toContain('hush');
  expect(stdout, 'a variable is left').not.toContain('$' + '{');
});

test('deploy.sh names the variable that is missing', () => {
  const { status, stderr } = dryRun({});
  expect(status).not.toBe(0);
  expect(stderr).toContain('Set PROJECT to the id of a Google Cloud project');
});
