import { Code } from '@connectrpc/connect';
import { Counter, type Registry } from 'prom-client';
import { type Labels, type Metered, MeteredHistogram } from './metered-histogram.ts';
import type { HttpKind, RequestMeters, RpcKind } from './request-meters.ts';

/** Counts and durations of requests by route, and of RPCs with the metric names of Prometheus's gRPC middlewares. */
export function registerRequestMetrics(registry: Registry, meters: RequestMeters): void {
  const http = () => meters.httpMeters.map(({ kind, meter }) => ({ labels: httpLabels(kind), meter }));
  const rpc = () => meters.rpcMeters.map(({ kind, meter }) => ({ labels: rpcLabels(kind), meter }));
  counter(registry, {
    name: 'votewire_edge_requests_total',
    help: 'HTTP requests answered',
    labelNames: ['method', 'route', 'status'],
    read: http,
    status: (status) => ({ status: `${status}` }),
    always: [500],
  });
  counter(registry, {
    name: 'grpc_server_handled_total',
    help: 'RPCs completed, over gRPC, gRPC-Web and Connect',
    labelNames: ['protocol', 'grpc_type', 'grpc_service', 'grpc_method', 'grpc_code'],
    read: rpc,
    status: (code) => ({ grpc_code: code === 0 ? 'OK' : (Code[code] ?? 'Unknown') }),
    always: [0, Code.Internal],
  });
  new MeteredHistogram(registry, {
    name: 'votewire_edge_request_seconds',
    help: 'Time to answer an HTTP request, for votes from the end of the body; sampled at high rates',
    read: http,
  });
  new MeteredHistogram(registry, {
    name: 'grpc_server_handling_seconds',
    help: 'Time to answer an RPC; sampled at high rates',
    read: rpc,
  });
}

function httpLabels({ method, route }: HttpKind): Labels {
  return { method, route };
}

function rpcLabels({ protocol, path, type }: RpcKind): Labels {
  const [service = '', method = ''] = path.slice(1).split('/');
  return { protocol, grpc_type: type, grpc_service: service, grpc_method: method };
}

function counter(
  registry: Registry,
  options: {
    readonly name: string;
    readonly help: string;
    readonly labelNames: string[];
    readonly read: () => readonly Metered[];
    readonly status: (status: number) => Labels;
    /** Exported even at 0, because `increase` misses the first error of a series that begins with it. */
    readonly always: readonly number[];
  },
): void {
  const { name, help, labelNames, read, status, always } = options;
  const metric: Counter = new Counter({
    ...{ name, help, labelNames, registers: [registry] },
    collect() {
      metric.reset();
      for (const { labels, meter } of read()) {
        for (const [at, requests] of meter.counts.entries()) {
          if (requests > 0 || always.includes(at)) metric.inc({ ...labels, ...status(at) }, requests);
        }
      }
    },
  });
}
