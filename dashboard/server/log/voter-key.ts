import { createHmac } from 'node:crypto';

const PURPOSE = 'votewire voter key';
const KEY_BYTES = 16;

/**
 * The log's key of a voter: the first 16 bytes of HMAC-SHA-256 under a key derived from the deployment's secret. The
 * consumers compute the same keys by the thousand with the WebAssembly module (wasm/mac/voter-key.ts); one per request
 * needs no module. tests/voter-key.test.ts checks that both agree.
 */
export function createVoterKey(secret: Uint8Array): (voter: string) => Uint8Array {
  const key = createHmac('sha256', secret).update(PURPOSE).digest();
  return (voter) => createHmac('sha256', key).update(voter).digest().subarray(0, KEY_BYTES);
}
