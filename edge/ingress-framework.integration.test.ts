import { expect, test } from 'vitest';
import { startEdgeProcess } from './testing/edge-process.ts';
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

testIngress('Deno, INGRESS=framework', {
  runtime: 'deno',
  env,
  clients: { gRPC: (edge) => rpcClient(edge, 'grpc') },
});

test('Bun, INGRESS=framework: does not start, because its node:http2 cannot share a port', async () => {
  await expect(startEdgeProcess('bun', env)).rejects.toThrow(/INGRESS must be direct on Bun/);
});
