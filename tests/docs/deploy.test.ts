import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { assert, describe, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { testNeeding } from '../support/needing.ts';
import { knownVariables } from './known-variables.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const known = knownVariables(root);
/** Accepts `_FILE` variables too, because a secret can also be a file. */
const isKnown = (variable: string) => known.has(variable) || known.has(variable.replace(/_FILE$/, ''));

interface Service {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[] };
  readonly mem_limit?: string;
  readonly logging?: { readonly options: object };
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
}

describe('docker-compose.yml', () => {
  const file = parse(read('docker-compose.yml'), { merge: true }) as {
    services: Record<string, Service>;
    networks: Record<string, unknown>;
    volumes: Record<string, unknown>;
  };
  const services = Object.entries(file.services);

  test('has every service, and publishes only proxies to the network', () => {
    const named = (condition: (service: Service) => unknown) =>
      services.filter(([, service]) => condition(service)).map(([name]) => name);
    const always = named(({ profiles }) => profiles === undefined);
    expect(always).toStrictEqual(['proxy', 'edge', 'consumer', 'dashboard', 'redis', 'mongo']);
    const profiles = new Set(services.flatMap(([, service]) => service.profiles ?? []));
    expect(profiles).toStrictEqual(new Set(['tls', 'seed', 'cluster', 'observability', 'locust']));
    const published = named(({ ports }) => ports?.some((port) => !port.startsWith('127.0.0.1:')));
    expect(published).toStrictEqual(['proxy', 'proxy-tls']);
    const front = named(({ networks }) => networks?.includes('front'));
    expect(front).toStrictEqual(['proxy', 'proxy-tls', 'prometheus', 'grafana', 'locust']);
  });

  test('bounds memory and logs of every service', () => {
    for (const [name, service] of services) {
      expect(service.mem_limit, name).toBeTruthy();
      expect(service.logging?.options, name).toStrictEqual({ 'max-size': '10m', 'max-file': '3' });
    }
    for (const [name, { command = [] }] of services.filter(([, { command }]) => command?.[0] === 'redis-server')) {
      const option = (flag: string) => command[command.indexOf(flag) + 1];
      expect(option('--maxmemory-policy'), name).toBe('noeviction');
      expect(option('--maxmemory'), name).toBeTruthy();
      expect(option('--appendonly'), name).toBe('yes');
    }
  });

  test('no health check runs Node', () => {
    for (const [name, service] of services) {
      const check = service.healthcheck?.test?.join(' ') ?? '';
      expect(check, name).not.toMatch(/node|mongosh|\.ts/);
      const [, script] = /(?:^CMD )(supervisor\/\S+)/.exec(check) ?? [];
      if (script !== undefined) expect(statSync(join(root, script)).mode & 0o111, script).toBe(0o111);
    }
  });

  test('keeps state in volumes, and starts services after their dependencies are healthy', () => {
    expect(file.services.redis?.volumes).toStrictEqual(['redis-data:/data']);
    expect(file.services.mongo?.volumes).toStrictEqual(['mongo-data:/data/db']);
    for (const [name, { volumes = [] }] of services) {
      for (const [path] of volumes.map((volume) => volume.split(':')).filter(([from]) => from?.startsWith('./')))
        expect(existsSync(join(root, path ?? '')), `${name} mounts ${path}`).toBeTruthy();
    }
    for (const [name, { depends_on = {} }] of services) {
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        expect(file.services[needed], `${name} needs ${needed}`).toBeTruthy();
        expect(condition).toBe('service_healthy');
      }
    }
    for (const [name, service] of services) {
      const own = service.image?.includes('votewire') ?? false;
      assert(own || service.healthcheck !== undefined, `${name} has no health check`);
      const script = service.command?.find((word) => word.endsWith('.ts')) ?? '';
      if (own) expect(existsSync(join(root, script)), `${name} runs ${script}`).toBeTruthy();
    }
  });

  test('sets only variables that a service reads', () => {
    for (const [name, { environment = {}, command }] of services) {
      if (!command?.some((word) => word.endsWith('.ts') || word === 'votewire')) continue;
      for (const variable of Object.keys(environment)) expect(isKnown(variable), `${name}: ${variable}`).toBeTruthy();
    }
  });

  for (const [program, ...args] of [['docker-compose'], ['docker', 'compose']] as const) {
    const command = [...args, '-f', 'docker-compose.yml', 'config', '-q'];
    const version = spawnSync(program, [...args, 'version'], { stdio: 'ignore' }).status === 0;
    testNeeding(!version && 'not installed')(`${program} ${args.join(' ')} accepts it`, () => {
      const run = spawnSync(program, command, { cwd: root, encoding: 'utf8' });
      expect(run.status, run.stderr).toBe(0);
    });
  }
});

describe('Dockerfile', () => {
  test('copies exactly the packages that ship', () => {
    const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? '').split(' '),
    );
    for (const path of copied) expect(existsSync(join(root, path)), path).toBeTruthy();
    const folders = copied.filter((path) => path !== '.' && statSync(join(root, path)).isDirectory()).sort();
    const shipped = [
      'cli',
      'config',
      'consumer',
      'dashboard',
      'edge',
      'http',
      'log',
      'proto',
      'store',
      'supervisor',
      'telemetry',
      'wasm',
    ];
    expect(folders).toStrictEqual(shipped);
    expect(read('Dockerfile')).toMatch(/^USER node$/m);
  });

  test('labels the image with OCI annotations, with the version and base of this checkout', () => {
    const text = read('Dockerfile');
    const labels = new Map(
      [...text.matchAll(/org\.opencontainers\.image\.([a-z.]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    );
    for (const name of ['title', 'description', 'source', 'documentation', 'revision', 'created'])
      expect(labels.get(name), name).toBeTruthy();
    const { version, license } = JSON.parse(read('package.json')) as { version: string; license: string };
    expect(labels.get('licenses')).toBe(license);
    expect(/^ARG VERSION=(.*)$/m.exec(text)?.[1]).toBe(version);
    const base = /^FROM (\S+)$/m.exec(text)?.[1];
    expect(labels.get('base.name')).toBe(`docker.io/library/${base}`);
  });
});

test('every deployment runs the edge with the same Node flags', () => {
  const flags = (path: string) => [...read(path).matchAll(/(--max-[a-z-]+=\d+)/g)].map(([, flag]) => flag);
  const [wanted] = flags('package.json');
  assert(wanted);
  for (const path of [
    'Dockerfile',
    'docker-compose.yml',
    'deploy/kubernetes/base/edge.yaml',
    'deploy/cloudrun/edge.yaml',
    'supervisor/running-system.ts',
  ]) {
    expect(new Set(flags(path)), path).toStrictEqual(new Set([wanted]));
  }
});

interface Variable {
  readonly name: string;
}

/** Names in every `env` list of the document. */
function findVariables(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(findVariables);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) =>
    key === 'env' ? (value as Variable[]).map(({ name }) => name) : findVariables(value),
  );
}

for (const folder of ['cloudrun', 'kubernetes']) {
  describe(`deploy/${folder}`, () => {
    for (const name of globSync('**/*.yaml', { cwd: join(root, 'deploy', folder) })) {
      test(`${name} is valid YAML, runs a file that exists, and sets only variables that a service reads`, () => {
        const text = read(`deploy/${folder}/${name}`);
        for (const document of parseAllDocuments(text)) {
          expect(document.errors).toStrictEqual([]);
          for (const variable of findVariables(document.toJS())) expect(isKnown(variable), variable).toBeTruthy();
        }
        for (const [, script] of text.matchAll(/command: \["node",(?: "--[^"]+",)* "([^"]+)"\]/g)) {
          expect(existsSync(join(root, script ?? '')), script).toBeTruthy();
        }
      });
    }
  });
}

const METRIC_SOURCES = [
  'edge/metrics/edge-metrics.ts',
  'edge/metrics/request-metrics.ts',
  'telemetry/metrics/build-info.ts',
  'dashboard/server/system/metrics.ts',
  'dashboard/server/system/contest-metrics.ts',
  'consumer/status/metrics.ts',
];
const DASHBOARDS = ['deploy/grafana/votewire.json', 'deploy/grafana/contest.json'];

/** Names of the exported metrics, parsed from the source. */
function knownMetrics(): Set<string> {
  const sources = METRIC_SOURCES.map(read).join('\n');
  const named = [...sources.matchAll(/'((?:votewire|process|nodejs|grpc_server)_[a-z0-9_]+)'/g)].map(
    (match) => match[1] ?? '',
  );
  const prefixed = [...sources.matchAll(/gauge\('(?!votewire_|process_|nodejs_)([a-z_]+)'/g)].map(
    (match) => `votewire_${match[1]}`,
  );
  return new Set([...named, ...prefixed]);
}

describe('monitoring', () => {
  const metrics = knownMetrics();

  test('alerts and panels use metrics that exist', () => {
    for (const path of ['deploy/prometheus/alerts.yml', ...DASHBOARDS]) {
      const names = new Set(read(path).match(/\b(?:votewire|process|grpc_server)_[a-z0-9_]+/g));
      expect(names.size).toBeGreaterThan(5);
      for (const name of names) {
        const metric = name.replace(/_(?:bucket|sum|count)$/, '');
        expect(metrics.has(name) || metrics.has(metric), `${path}: ${name}`).toBeTruthy();
      }
    }
  });

  test('docs/monitoring.md lists exactly the metrics', () => {
    const listed = [...read('docs/monitoring.md').matchAll(/^\| `([a-z0-9_]+)`/gm)].map((match) => match[1] ?? '');
    expect(listed.toSorted()).toStrictEqual([...metrics].sort());
  });

  test('metric names are stable, because dashboards and alerts elsewhere rely on them', () => {
    const stable = [
      'votewire_ready',
      'votewire_unavailable_partitions',
      'votewire_buffered_bytes',
      'votewire_waiting_clients',
      'votewire_stream_entries',
      'votewire_store_seconds',
      'votewire_votes_offered_total',
      'votewire_votes_accepted_total',
      'votewire_votes_unknown_total',
      'votewire_votes_refused_total',
      'votewire_consumer_votes_counted_total',
      'votewire_consumer_votes_logged_total',
      'votewire_consumer_dead_letters_total',
      'votewire_consumer_lost_entries_total',
      'votewire_consumer_log_conflicts_total',
      'votewire_consumer_ready',
      'votewire_system_readable',
      'votewire_stream_length',
      'votewire_group_lag',
      'votewire_group_pending',
      'votewire_dead_letters',
      'votewire_processes_alive',
      'votewire_ledger_votes',
      'votewire_ledger_entries',
      'votewire_ledger_open_entries',
      'votewire_ledger_gaps',
      'votewire_dashboard_requests_total',
      'votewire_dashboard_request_seconds',
      'votewire_dashboard_viewers',
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'votewire_edge_requests_total',
      'votewire_edge_request_seconds',
      'grpc_server_handled_total',
      'grpc_server_handling_seconds',
      'votewire_build_info',
      'votewire_contest_votes',
      'votewire_contest_voters',
      'votewire_contest_open',
    ];
    for (const name of stable) expect(metrics.has(name), name).toBe(true);
  });

  test('metrics of two dashboards are not counted twice, and rates follow the scrape interval', () => {
    const reported =
      /votewire_(?:contest_\w+|group_lag|group_pending|dead_letters|stream_length|processes_alive|ledger_\w+)/g;
    for (const path of ['deploy/prometheus/alerts.yml', ...DASHBOARDS]) {
      const queries = read(path)
        .split('\n')
        .filter((line) => /"expr":|^ +expr:/.test(line) && !line.includes('votewire_ledger_gaps > 0'));
      for (const query of queries) {
        for (const { index } of query.matchAll(reported))
          expect(query.slice(0, index), query).toMatch(/max(?: by \([a-z, ]+\) )?\($/);
        if (path.endsWith('.json')) expect(query).not.toMatch(/\[\d+[sm]\]/);
      }
    }
  });

  const promtool = spawnSync('promtool', ['--version'], { stdio: 'ignore' }).status === 0;
  for (const args of [
    ['check', 'config', 'prometheus.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ]) {
    testNeeding(!promtool && 'promtool is not installed')(`promtool ${args.join(' ')}`, () => {
      const run = spawnSync('promtool', args, { cwd: join(root, 'deploy/prometheus'), encoding: 'utf8' });
      expect(run.status, run.stdout + run.stderr).toBe(0);
    });
  }

  test.each(DASHBOARDS)('every panel of %s has a query and its own position', (path) => {
    const { panels } = JSON.parse(read(path)) as {
      panels: { id: number; targets: { expr: string }[]; gridPos: object }[];
    };
    expect(new Set(panels.map(({ gridPos }) => JSON.stringify(gridPos))).size).toBe(panels.length);
    const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
    // The job label depends on the scrape configuration; Kubernetes annotations produce a different one.
    for (const query of queries) expect(query).toMatch(/^(?!.*\bjob\b)./);
  });
});
