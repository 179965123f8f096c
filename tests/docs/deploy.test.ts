import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { knownVariables } from './known-variables.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const known = knownVariables(root);

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly healthcheck?: unknown;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
}

describe('docker-compose.yml', () => {
  const file = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, Service>;
    networks: Record<string, unknown>;
    volumes: Record<string, unknown>;
  };
  const services = Object.entries(file.services);

  test('has every part, and only the edge and the dashboard are published', () => {
    assert.deepEqual(Object.keys(file.services).sort(), ['consumer', 'dashboard', 'edge', 'mongo', 'redis', 'seed']);
    const published = services.filter(([, { ports }]) => ports !== undefined).map(([name]) => name);
    assert.deepEqual(published.sort(), ['dashboard', 'edge']);
    const front = services.filter(([, { networks }]) => networks?.includes('front')).map(([name]) => name);
    assert.deepEqual(front.sort(), ['dashboard', 'edge']);
    assert.deepEqual(file.services.seed?.profiles, ['seed']);
  });

  test('state is in volumes, and nothing starts before what it needs is healthy', () => {
    assert.deepEqual(file.services.redis?.volumes, ['redis-data:/data']);
    assert.deepEqual(file.services.mongo?.volumes, ['mongo-data:/data/db']);
    for (const [name, { depends_on = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        assert.ok(file.services[needed], `${name} needs ${needed}`);
        assert.equal(condition, 'service_healthy');
      }
    }
    for (const [name, service] of services) {
      const own = service.image?.includes('votewire') ?? false;
      assert.ok(own || service.healthcheck !== undefined, `${name} has no health check`);
      const script = service.command?.at(-1) ?? '';
      if (own) assert.ok(existsSync(join(root, script)), `${name} runs ${script}`);
    }
  });

  test('sets no variable that nobody reads', () => {
    for (const [name, { environment = {} }] of services) {
      for (const variable of Object.keys(environment)) assert.ok(known.has(variable), `${name}: ${variable}`);
    }
  });

  for (const [program, ...args] of [['docker-compose'], ['docker', 'compose']] as const) {
    const command = [...args, '-f', 'docker-compose.yml', 'config', '-q'];
    const version = spawnSync(program, [...args, 'version'], { stdio: 'ignore' }).status === 0;
    test(`${program} ${args.join(' ')} accepts it`, { skip: !version && 'not on this machine' }, () => {
      const run = spawnSync(program, command, { cwd: root, encoding: 'utf8' });
      assert.equal(run.status, 0, run.stderr);
    });
  }
});

describe('Dockerfile', () => {
  test('copies only what exists, and ships no developer room', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    for (const path of copied) assert.ok(existsSync(join(root, path)), path);
    for (const room of ['bench', 'tools', 'tests', 'deploy']) assert.ok(!copied.includes(room), room);
    assert.match(read('Dockerfile'), /^USER node$/m);
  });
});

test('Node gets the same flags for the edge wherever it runs', () => {
  const flags = (path: string) => [...read(path).matchAll(/(--max-[a-z-]+=\d+)/g)].map(([, flag]) => flag);
  const [wanted] = flags('package.json');
  assert.ok(wanted);
  for (const path of [
    'Dockerfile',
    'docker-compose.yml',
    'deploy/kubernetes/edge.yaml',
    'deploy/cloudrun/edge.yaml',
    'supervisor/running-system.ts',
  ]) {
    assert.deepEqual(new Set(flags(path)), new Set([wanted]), path);
  }
});

interface Variable {
  readonly name: string;
}

/** Every list `env` of containers, at whatever depth. */
function findVariables(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(findVariables);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'env' ? (value as Variable[]).map(({ name }) => name) : findVariables(value),
  );
}

for (const folder of ['cloudrun', 'kubernetes']) {
  describe(`deploy/${folder}`, () => {
    for (const name of readdirSync(join(root, 'deploy', folder)).filter((file) => file.endsWith('.yaml'))) {
      test(`${name} is YAML, runs a file that exists, and sets no variable that nobody reads`, () => {
        const text = read(`deploy/${folder}/${name}`);
        for (const document of parseAllDocuments(text)) {
          assert.deepEqual(document.errors, []);
          for (const variable of findVariables(document.toJS())) assert.ok(known.has(variable), variable);
        }
        for (const [, script] of text.matchAll(/command: \["node",(?: "--[^"]+",)* "([^"]+)"\]/g)) {
          assert.ok(existsSync(join(root, script ?? '')), script);
        }
      });
    }
  });
}

/** Metrics that Prometheus finds, read where the code makes them. */
function knownMetrics(): Set<string> {
  const sources = ['edge/http/metrics.ts', 'dashboard/server/system/metrics.ts', 'consumer/status-server.ts']
    .map(read)
    .join('\n');
  const named = [...sources.matchAll(/(?:'|# TYPE )((?:votewire|process)_[a-z0-9_]+)/g)].map((match) => match[1] ?? '');
  const prefixed = [...sources.matchAll(/gauge\('([a-z_]+)'/g)].map((match) => `votewire_${match[1]}`);
  return new Set([...named, ...prefixed]);
}

describe('what watches a deployment', () => {
  const metrics = knownMetrics();

  test('alerts and panels name metrics that exist', () => {
    for (const path of ['deploy/prometheus/alerts.yml', 'deploy/grafana/votewire.json']) {
      const names = new Set(read(path).match(/\b(?:votewire|process)_[a-z0-9_]+/g));
      assert.ok(names.size > 5);
      for (const name of names) assert.ok(metrics.has(name), `${path}: ${name}`);
    }
  });

  const promtool = spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0;
  for (const args of [
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ]) {
    test(`promtool ${args.join(' ')}`, { skip: !promtool && 'promtool is not on this machine' }, () => {
      const run = spawnSync('promtool', args, { cwd: join(root, 'deploy/prometheus'), encoding: 'utf8' });
      assert.equal(run.status, 0, run.stdout + run.stderr);
    });
  }

  test('every panel of the Grafana dashboard has a query and a place of its own', () => {
    const { panels } = JSON.parse(read('deploy/grafana/votewire.json')) as {
      panels: { id: number; targets: { expr: string }[]; gridPos: object }[];
    };
    assert.equal(new Set(panels.map(({ gridPos }) => JSON.stringify(gridPos))).size, panels.length);
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    // A job's name is that of one scrape configuration: the annotations in Kubernetes lead to another.
    for (const query of queries) assert.match(query, /^(?!.*\bjob\b)./);
  });
});
