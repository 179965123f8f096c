import { createHmac } from 'node:crypto';

const PURPOSE = 'votewire voter key';
const KEY_BYTES = 16;

/**
 * How the log knows a voter: the first 16 bytes of HMAC-SHA-256 under a key derived from the deployment's secret. The
 * consumers make the same keys with the WebAssembly module (wasm/mac/voter-key.ts), thousands at a time; one a request needs
 * no module here. tests/voter-key.test.ts holds the two together.
 */
export function createVoterKey(secret: Uint8Array): (voter: string) => Uint8Array {
  const key = createHmac('sha256', secret).update(PURPOSE).digest();
  return (voter) => createHmac('sha256', key).update(voter).digest().subarray(0, KEY_BYTES);
}
