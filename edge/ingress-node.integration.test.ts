import { testIngress } from './testing/ingress-suite.ts';
import { httpClient, rpcClient } from './testing/suite-clients.ts';

testIngress('Node', {
  runtime: 'node',
  clients: {
    'HTTP + WASM': httpClient,
    gRPC: (edge) => rpcClient(edge, 'grpc'),
    'gRPC-Web': (edge) => rpcClient(edge, 'grpc-web'),
    Connect: (edge) => rpcClient(edge, 'connect'),
  },
});

testIngress('Node with one codec', {
  runtime: 'node',
  env: { CODEC: 'typescript' },
  clients: { 'HTTP + TypeScript': httpClient },
});
