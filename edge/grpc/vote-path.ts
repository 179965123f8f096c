import type { VoteCodec } from '../../wasm/codec.ts';
import type { Ingress } from '../ingress.ts';
import type { RateLimiter } from '../rate-limiter.ts';

/** What every RPC that takes votes in works with. */
export interface VotePath {
  readonly ingress: Ingress;
  readonly codec: VoteCodec;
  /** Default: callers have no quota. */
  readonly limiter?: RateLimiter | undefined;
}
