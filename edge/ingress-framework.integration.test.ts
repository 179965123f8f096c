import { testIngress } from './testing/ingress-suite.ts';
import { httpClient, rpcClient } from './testing/suite-clients.ts';

const env = { INGRESS: 'framework' };

testIngress('Node, INGRESS=framework', {
  runtime: 'node',
  env,
  clients: {
    'HTTP + WASM': httpClient,
    gRPC: (edge) => rpcClient(edge, 'grpc'),
    Connect: (edge) => rpcClient(edge, 'connect'),
  },
});

// Bun and Deno serve HTTP through Hono with either value; gRPC is what changes.
testIngress('Bun, INGRESS=framework', {
  runtime: 'bun',
  env,
  clients: { gRPC: (edge) => rpcClient(edge, 'grpc') },
});

testIngress('Deno, INGRESS=framework', {
  runtime: 'deno',
  env,
  clients: { gRPC: (edge) => rpcClient(edge, 'grpc') },
});
