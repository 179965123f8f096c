import type { VoteCodec } from '../../../wasm/codec.ts';
import type { Ingress } from '../../vote/ingress.ts';
import type { RateLimiter } from '../../vote/rate-limiter.ts';

/** What every RPC that takes votes in works with. */
export interface VoteServiceDeps {
  readonly ingress: Ingress;
  readonly codec: VoteCodec;
  /** Default: callers have no quota. */
  readonly limiter?: RateLimiter | undefined;
}
