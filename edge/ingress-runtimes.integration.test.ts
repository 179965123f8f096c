import { testIngress } from './testing/ingress-suite.ts';
import { httpClient } from './testing/suite-clients.ts';

testIngress('HTTP + WASM on Bun', { runtime: 'bun', connect: httpClient });
testIngress('HTTP + WASM on Deno', { runtime: 'deno', connect: httpClient });
