import { testIngress } from './testing/ingress-suite.ts';
import { httpClient, rpcClient } from './testing/suite-clients.ts';

testIngress('Deno', {
  runtime: 'deno',
  clients: {
    'HTTP + WASM': httpClient,
    gRPC: (edge) => rpcClient(edge, 'grpc'),
    'gRPC-Web': (edge) => rpcClient(edge, 'grpc-web'),
    Connect: (edge) => rpcClient(edge, 'connect'),
  },
});
