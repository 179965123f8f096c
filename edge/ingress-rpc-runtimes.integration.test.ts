import { testIngress } from './testing/ingress-suite.ts';
import { rpcClient } from './testing/suite-clients.ts';

testIngress('gRPC on Bun', { runtime: 'bun', connect: (edge) => rpcClient(edge, 'grpc') });
testIngress('gRPC on Deno', { runtime: 'deno', connect: (edge) => rpcClient(edge, 'grpc') });
