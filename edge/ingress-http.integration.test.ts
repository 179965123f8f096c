import { testIngress } from './testing/ingress-suite.ts';
import { httpClient } from './testing/suite-clients.ts';

testIngress('HTTP + WASM on Node', { runtime: 'node', connect: httpClient });
testIngress('HTTP + TypeScript on Node', { runtime: 'node', env: { CODEC: 'typescript' }, connect: httpClient });
