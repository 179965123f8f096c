import { createHmac } from 'node:crypto';

export function createVoterKeys(secret: Buffer): (voter: Uint8Array) => Uint8Array {
  return (voter) => createHmac('sha256', secret).update(voter).digest().subarray(0, 16);
}
