import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../supervisor/redis/redis-server.ts';
import { Child } from '../../support/child.ts';
import { lacks } from '../../support/lacks.ts';
import type { ProxyKind } from '../proxy.ts';

/** HAProxy with the timeouts of Debian's haproxy.cfg, because it has no defaults. Its check is `OPTIONS / HTTP/1.0`. */
export const haproxy: ProxyKind = {
  name: 'HAProxy',
  missing: lacks('haproxy'),
  silenceMs: 50_000,
  async start(dir, address) {
    const [http, grpc, status] = [await freePort(), await freePort(), await freePort()];
    const config = join(dir, 'haproxy.cfg');
    await writeFile(
      config,
      `defaults
  mode http
  timeout connect 5000
  timeout client 50000
  timeout server 50000
frontend http
  bind 127.0.0.1:${http}
  default_backend http
frontend grpc
  bind 127.0.0.1:${grpc} proto h2
  default_backend grpc
frontend status
  bind 127.0.0.1:${status}
  http-request use-service prometheus-exporter if { path /metrics }
backend http
  option httpchk
  server edge ${address} check
backend grpc
  option httpchk
  server edge ${address} proto h2 check check-proto h1
backend readiness
  option httpchk GET /readyz
  server edge ${address} check
backend connections
  server edge ${address} check
`,
    );
    const child = new Child({ name: 'haproxy', command: ['haproxy', '-f', config] });
    child.start();
    return {
      name: 'HAProxy',
      httpUrl: `http://127.0.0.1:${http}`,
      grpcUrl: `http://127.0.0.1:${grpc}`,
      async health() {
        const answer = await fetch(`http://127.0.0.1:${status}/metrics`).catch(() => undefined);
        const metrics = (await answer?.text()) ?? '';
        const isUp = (backend: string) => metrics.includes(`{proxy="${backend}",server="edge",state="UP"} 1`);
        return Object.fromEntries(
          ['http', 'grpc', 'readiness', 'connections'].map((backend) => [backend, isUp(backend)]),
        );
      },
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  },
};
