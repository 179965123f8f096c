import { testIngress } from './ingress-suite.ts';
import { httpClient } from './suite-clients.ts';

testIngress('HTTP + WASM on Node', { runtime: 'node', connect: httpClient });
testIngress('HTTP + TypeScript on Node', { runtime: 'node', env: { CODEC: 'typescript' }, connect: httpClient });
