import { createHmac } from 'node:crypto';

/** How the log knows a voter: see wasm/voter-key.ts, which makes the same keys. */
export function createVoterKey(secret: Uint8Array): (voter: string) => Uint8Array {
  return (voter) => createHmac('sha256', secret).update(voter).digest().subarray(0, 16);
}
