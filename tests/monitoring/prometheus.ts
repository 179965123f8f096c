import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../supervisor/redis/redis-server.ts';
import { Child } from '../support/child.ts';

export interface PrometheusOptions {
  /** Folder for its configuration and data. */
  readonly dir: string;
  readonly intervalSeconds: number;
  /** `host:port` of every process by its job. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus extends AsyncDisposable {
  readonly intervalSeconds: number;
  /** Evaluates an expression now, with Grafana's `$__rate_interval` for this interval. */
  query(expression: string): Promise<readonly Sample[]>;
}

/** Starts a Prometheus process that scrapes the targets. */
export async function startPrometheus({ dir, intervalSeconds, targets }: PrometheusOptions): Promise<Prometheus> {
  const own = join(dir, `prometheus-${intervalSeconds}`);
  mkdirSync(own, { recursive: true });
  const jobs = Object.entries(targets).map(([job, addresses]) => ({
    job_name: job,
    static_configs: [{ targets: addresses }],
  }));
  const file = join(own, 'prometheus.yml');
  // JSON is valid YAML.
  writeFileSync(file, JSON.stringify({ global: { scrape_interval: `${intervalSeconds}s` }, scrape_configs: jobs }));
  const port = await freePort();
  const options = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${own}/data`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = new Child({ name: `prometheus every ${intervalSeconds} s`, command: ['prometheus', ...options] });
  child.start();
  const url = `http://127.0.0.1:${port}`;
  await child.until('it is ready', async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.ok);
  // Grafana's value: four scrape intervals.
  const rateInterval = `${4 * intervalSeconds}s`;
  return {
    intervalSeconds,
    async query(expression) {
      const body = new URLSearchParams({ query: expression.replaceAll('$__rate_interval', rateInterval) });
      const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
      const { status, error, data } = (await response.json()) as {
        status: string;
        error?: string;
        data: { result: { metric: Record<string, string>; value: [number, string] }[] };
      };
      if (status !== 'success') throw new Error(`${expression}: ${error}`);
      return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** The findings of `promtool check metrics`; empty if there are none. */
export function checkMetrics(metrics: string): string {
  const { stdout, stderr, status } = spawnSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' });
  return `${stdout}${stderr}`.trim() || (status === 0 ? '' : `exit code ${status}`);
}

/** @throws {Error} with promtool's output if an alert does not fire as its test expects */
export function testAlerts(): void {
  const cwd = join(import.meta.dirname, '../../deploy/prometheus');
  const { stdout, stderr, status } = spawnSync('promtool', ['test', 'rules', 'alerts.test.yml'], {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`promtool test rules: ${stdout}${stderr}`);
}
