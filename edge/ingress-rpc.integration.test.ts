import { testIngress } from './testing/ingress-suite.ts';
import { rpcClient } from './testing/suite-clients.ts';

testIngress('gRPC on Node', { runtime: 'node', connect: (edge) => rpcClient(edge, 'grpc') });
testIngress('gRPC-Web on Node', { runtime: 'node', connect: (edge) => rpcClient(edge, 'grpc-web') });
testIngress('Connect on Node', { runtime: 'node', connect: (edge) => rpcClient(edge, 'connect') });
