import { createHmac } from 'node:crypto';

const PURPOSE = 'votewire voter key';
const KEY_BYTES = 16;

/**
 * The voter's key in the log: the first 16 bytes of HMAC-SHA-256 under a key derived from the deployment's secret.
 * Consumers compute the same keys by the thousand in WebAssembly (wasm/mac/voter-key.ts); one key per request does not
 * justify the module. tests/voter-key.test.ts compares the two.
 */
export function createVoterKey(secret: Uint8Array): (voter: string) => Uint8Array {
  const key = createHmac('sha256', secret).update(PURPOSE).digest();
  return (voter) => createHmac('sha256', key).update(voter).digest().subarray(0, KEY_BYTES);
}
