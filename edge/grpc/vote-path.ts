import type { VoteCodec } from '../../wasm/codec.ts';
import type { Ingress } from '../ingress.ts';

/** What every RPC that takes votes in works with. */
export interface VotePath {
  readonly ingress: Ingress;
  readonly codec: VoteCodec;
}
