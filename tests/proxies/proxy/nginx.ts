import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../supervisor/redis/redis-server.ts';
import { Child } from '../../support/child.ts';
import { lacks } from '../../support/lacks.ts';
import type { ProxyKind } from '../proxy.ts';

/** By default its workers run as another user, who cannot access our folders. */
const USER = process.getuid?.() === 0 ? 'user root; ' : '';

/** nginx has no active health checks; a server that fails once is skipped for ten seconds (max_fails, fail_timeout). */
export const nginx: ProxyKind = {
  name: 'nginx',
  missing: lacks('nginx'),
  // proxy_read_timeout and grpc_read_timeout.
  silenceMs: 60_000,
  async start(dir, address) {
    const [http, grpc] = [await freePort(), await freePort()];
    const config = join(dir, 'nginx.conf');
    await writeFile(
      config,
      `${USER}daemon off; pid ${dir}/nginx.pid; error_log ${dir}/nginx.log; worker_processes 1; events {}
http {
  access_log off;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  upstream edge { server ${address}; }
  server { listen 127.0.0.1:${http}; location / { proxy_pass http://edge; } }
  server { listen 127.0.0.1:${grpc} http2; location / { grpc_pass grpc://edge; } }
}`,
    );
    const child = new Child({ name: 'nginx', command: ['nginx', '-p', dir, '-c', config] });
    child.start();
    return {
      name: 'nginx',
      httpUrl: `http://127.0.0.1:${http}`,
      grpcUrl: `http://127.0.0.1:${grpc}`,
      health: async () => ({}),
      // Workers end with the master only on SIGTERM.
      [Symbol.asyncDispose]: async () => void (await child.stop('SIGTERM')),
    };
  },
};
