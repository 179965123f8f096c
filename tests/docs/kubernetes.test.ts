import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { findGoTool } from '../../tools/test/go-tool.ts';
import { findPythonTool } from '../../tools/test/python-tool.ts';
import { describeNeeding, testNeeding } from '../support/needing.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'deploy/kubernetes');
const kustomize = findGoTool('kustomize');
const validate = findPythonTool('kubernetes-validate');

/** Kinds of other projects; kubernetes-validate supports only those of Kubernetes itself. */
const CUSTOM_KINDS = ['Gateway', 'HTTPRoute', 'ScaledObject', 'ServiceMonitor', 'PodMonitor'];

interface Container {
  readonly image: string;
  readonly resources: { limits?: { memory?: string }; requests?: { cpu?: string; memory?: string } };
  readonly securityContext: {
    allowPrivilegeEscalation?: boolean;
    readOnlyRootFilesystem?: boolean;
    capabilities?: { drop?: string[] };
  };
  readonly env?: readonly { name: string; value?: string; valueFrom?: object }[];
  readonly startupProbe?: object;
  readonly readinessProbe?: object;
  readonly livenessProbe?: object;
}

interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly data?: Readonly<Record<string, string>>;
  readonly automountServiceAccountToken?: boolean;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly automountServiceAccountToken?: boolean;
        readonly serviceAccountName?: string;
        readonly securityContext: { runAsNonRoot?: boolean; seccompProfile?: { type: string } };
        readonly containers: readonly Container[];
        readonly topologySpreadConstraints?: readonly { topologyKey: string }[];
      };
    };
    readonly podSelector?: { matchLabels?: Readonly<Record<string, string>> };
    readonly egress?: readonly { readonly ports: readonly { readonly port: number }[] }[];
    readonly scaleTargetRef?: { name: string };
    readonly selector?: { matchLabels?: Readonly<Record<string, string>> };
  };
}

test('every component is in an overlay, so that it is checked', () => {
  const overlays = globSync('overlays/*/kustomization.yaml', { cwd: folder });
  const used = overlays.flatMap((file) => {
    const { components = [] } = parse(readFileSync(join(folder, file), 'utf8')) as { components?: string[] };
    return components.map((path) => path.replace('../../components/', ''));
  });
  expect([...new Set(used)].sort()).toStrictEqual(readdirSync(join(folder, 'components')).sort());
});

test('every manifest is in a kustomization, and every file that one names exists', () => {
  for (const file of globSync('**/kustomization.yaml', { cwd: folder })) {
    const { resources = [] } = parse(readFileSync(join(folder, file), 'utf8')) as { resources?: string[] };
    const beside = readdirSync(join(folder, file, '..')).filter((name) => name !== 'kustomization.yaml');
    expect(resources.filter((name) => name.endsWith('.yaml')).sort(), file).toStrictEqual(beside.sort());
  }
});

for (const overlay of readdirSync(join(folder, 'overlays'))) {
  describeNeeding(kustomize === undefined && 'kustomize is not installed')(`overlays/${overlay}`, () => {
    const run = spawnSync(kustomize ?? '', ['build', join(folder, 'overlays', overlay)], { encoding: 'utf8' });
    const resources = parseAllDocuments(run.stdout).map((document) => document.toJS() as Resource);
    const workloads = resources.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet');

    test('renders', () => {
      expect(run.status, run.stderr).toBe(0);
      expect(run.stderr).toBe('');
      expect(workloads.length).toBeGreaterThanOrEqual(3);
    });

    testNeeding(validate === undefined && 'kubernetes-validate is not installed')(
      'passes kubernetes-validate --strict',
      () => {
        const known = resources.filter(({ kind }) => !CUSTOM_KINDS.includes(kind));
        const input = known.map((resource) => JSON.stringify(resource)).join('\n---\n');
        const [program, ...args] = validate ?? [''];
        const dir = mkdtempSync(join(tmpdir(), 'votewire-kubernetes-'));
        onTestFinished(() => rmSync(dir, { recursive: true }));
        writeFileSync(join(dir, 'rendered.yaml'), input);
        const checked = spawnSync(program, [...args, '--strict', join(dir, 'rendered.yaml')], { encoding: 'utf8' });
        expect(checked.status, checked.stdout + checked.stderr).toBe(0);
        expect(`${checked.stdout}${checked.stderr}`.match(/ passed for resource /g)?.length).toBe(known.length);
      },
    );

    test('every container has probes, limits, no root, no writable root and no privileges', () => {
      for (const { metadata, spec } of workloads) {
        const pod = spec.template.spec;
        expect(pod.securityContext, metadata.name).toMatchObject({
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        });
        for (const container of pod.containers) {
          expect(container.securityContext).toStrictEqual({
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          });
          expect(container.resources).toMatchObject({
            requests: { cpu: expect.any(String), memory: expect.any(String) },
            limits: { memory: expect.any(String) },
          });
          for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'] as const) {
            expect(container[probe], `${metadata.name} ${probe}`).toBeTruthy();
          }
          expect(container.image, 'a tag that is pinned').toMatch(/^[^:]+:(?!latest$)[\w.-]+$/);
        }
      }
    });

    test('both Grafana dashboards are where the sidecar looks for them', () => {
      const maps = resources.filter(({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels?.grafana_dashboard);
      expect(maps.map(({ data }) => data)).toStrictEqual([
        Object.fromEntries(
          ['contest.json', 'votewire.json'].map((name) => [
            name,
            readFileSync(join(root, 'deploy/grafana', name), 'utf8'),
          ]),
        ),
      ]);
    });

    test('edges and consumers both have a trace endpoint and egress to it, or neither has', () => {
      const endpointOf = (name: string) =>
        workloads
          .find(({ metadata }) => metadata.name === name)
          ?.spec.template.spec.containers[0]?.env?.find((variable) => variable.name === 'OTEL_EXPORTER_OTLP_ENDPOINT')
          ?.value;
      expect(endpointOf('edge')).toBe(endpointOf('consumer'));
      const policy = resources.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'tracing');
      const ports = policy?.spec.egress?.flatMap((rule) => rule.ports.map(({ port }) => `${port}`)) ?? [];
      expect(ports).toStrictEqual(
        [endpointOf('edge')].flatMap((url) => (url === undefined ? [] : [new URL(url).port])),
      );
    });

    test('no pod has a service account token, and secrets are files', () => {
      const accounts = resources.filter(({ kind }) => kind === 'ServiceAccount');
      expect(accounts.map((account) => account.automountServiceAccountToken)).toStrictEqual([false]);
      for (const { spec } of workloads) {
        const pod = spec.template.spec;
        expect(pod.automountServiceAccountToken).toBe(false);
        expect(pod.serviceAccountName).toBe('votewire');
        for (const { env = [] } of pod.containers) {
          for (const { name, valueFrom } of env) {
            expect(name).not.toMatch(/^(REDIS_URL|MONGODB_URL|SECRET|ADMIN_TOKEN|READ_TOKEN)$/);
            expect(JSON.stringify(valueFrom ?? {})).not.toContain('secretKeyRef');
          }
        }
      }
    });

    test('each service is spread over nodes, survives a drained node, has one scaler and a network policy', () => {
      const named = (kinds: readonly string[]) => resources.filter(({ kind }) => kinds.includes(kind));
      const services = named(['Deployment']).map(({ metadata }) => metadata.name);
      expect(services.toSorted()).toStrictEqual(['consumer', 'dashboard', 'edge']);
      const budgets = named(['PodDisruptionBudget']).map(({ spec }) => spec.selector?.matchLabels?.part);
      expect(budgets.toSorted()).toStrictEqual(['consumer', 'dashboard', 'edge']);
      const scaled = named(['HorizontalPodAutoscaler', 'ScaledObject']).map(({ spec }) => spec.scaleTargetRef?.name);
      expect(scaled.toSorted()).toStrictEqual(['consumer', 'edge']);
      const policies = named(['NetworkPolicy']).map(({ metadata }) => metadata.name);
      expect(policies).toEqual(expect.arrayContaining(['votewire', ...services]));
      for (const { spec } of named(['Deployment'])) {
        const keys = spec.template.spec.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey);
        expect(keys).toStrictEqual(['topology.kubernetes.io/zone', 'kubernetes.io/hostname']);
      }
    });
  });
}
