import { BatchDecoder } from '../../consumer/handlers/batch-decoder.ts';
import type { RecountOptions } from '../../store/recount/recount-options.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { VoterKeys } from '../../wasm/mac/voter-key.ts';

/** Creates the function that decodes the votes of a dead letter. */
export function createDecoder(secret: Buffer): RecountOptions['decode'] {
  const decoder = new BatchDecoder(new VoterKeys(loadModule('mac'), secret), { withAttributes: false });
  return (bytes) => {
    const batch = decoder.decode(bytes);
    return typeof batch === 'string' ? undefined : batch.votes;
  };
}
