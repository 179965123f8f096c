import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../supervisor/redis/redis-server.ts';
import { Child } from '../../support/child.ts';
import { waitFor } from '../../support/wait-for.ts';

const CONFIG = new URL('../../../deploy/compose/haproxy.cfg', import.meta.url);
const UP_MS = 15_000;

export interface HaproxyOptions {
  /** Folder for its configuration. */
  readonly dir: string;
  readonly edgeUrls: readonly string[];
  readonly dashboardUrls: readonly string[];
}

export interface Haproxy extends AsyncDisposable {
  readonly votesUrl: string;
  readonly pagesUrl: string;
  /** Waits until its health checks have found every server. */
  allUp(): Promise<void>;
}

/** This machine's HAProxy with the configuration of docker-compose.yml, except for the addresses. */
export async function startHaproxy({ dir, edgeUrls, dashboardUrls }: HaproxyOptions): Promise<Haproxy> {
  const [votes, pages, status] = [await freePort(), await freePort(), await freePort()];
  const servers = (name: string, urls: readonly string[], options: string) =>
    urls.map((url, n) => `  server ${name}${n} ${new URL(url).host} ${options}`).join('\n');
  const config = readFileSync(CONFIG, 'utf8')
    .replace(/^resolvers docker\n(?: {2}.*\n)+/m, '')
    .replace(' resolvers docker init-addr none resolve-prefer ipv4', '')
    .replace('bind :8080', `bind 127.0.0.1:${votes}`)
    .replace('bind :8090', `bind 127.0.0.1:${pages}`)
    .replace('bind :8404', `bind 127.0.0.1:${status}`)
    .replaceAll(/^ {2}server-template edge 20 edge:8080 (.*)$/gm, (_, options) => servers('edge', edgeUrls, options))
    .replace(/^ {2}server-template dashboard 4 dashboard:8090 (.*)$/m, (_, options) =>
      servers('dashboard', dashboardUrls, options),
    );
  const file = join(dir, 'haproxy.cfg');
  writeFileSync(file, config);
  const child = new Child({ name: 'haproxy', command: ['haproxy', '-f', file] });
  child.start();
  const total = 2 * edgeUrls.length + dashboardUrls.length;
  const up = async () => {
    const response = await fetch(`http://127.0.0.1:${status}/metrics`).catch(() => undefined);
    const metrics = (await response?.text()) ?? '';
    return (metrics.match(/^haproxy_server_status\{.*state="UP"\} 1$/gm) ?? []).length === total;
  };
  return {
    votesUrl: `http://127.0.0.1:${votes}`,
    pagesUrl: `http://127.0.0.1:${pages}`,
    allUp: () => waitFor(up, { what: `haproxy finds ${total} servers`, timeoutMs: UP_MS }),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
