import { clientAddress } from '../../http/client-address.ts';
import type { Problem } from '../../http/problem.ts';
import type { EdgeConfig } from '../config.ts';
import type { Sender } from '../vote/ingress.ts';
import { Transport } from '../vote/transport.ts';
import { RateLimiter } from './rate-limiter.ts';
import type { RequestView } from './request-view.ts';
import { checkOrigin } from './same-origin.ts';

/** One decision for all transports on whether a request may send votes: origin first, then the address's quota. */
export class Admission {
  readonly #config: Pick<EdgeConfig, 'publicOrigin' | 'trustProxy'>;
  readonly #limiter: RateLimiter | undefined;

  constructor(config: Pick<EdgeConfig, 'publicOrigin' | 'trustProxy' | 'rateLimit'>) {
    this.#config = config;
    this.#limiter = config.rateLimit.perSecond === 0 ? undefined : new RateLimiter(config.rateLimit);
  }

  /** Takes one vote off the sender's quota. The problem if the request may not send votes. */
  admit(request: RequestView, transport: Transport): Sender | Problem {
    return (
      checkOrigin(request, this.#config.publicOrigin) ??
      this.#limiter?.take(this.#addressOf(request)) ??
      (SENDERS[transport] as Sender)
    );
  }

  /** Takes all votes of a batch but the first off the sender's quota. */
  charge(request: RequestView, votes: number): void {
    if (votes > 1) this.#limiter?.charge(this.#addressOf(request), votes - 1);
  }

  #addressOf(request: RequestView): string {
    return clientAddress(request.peer, request.header('x-forwarded-for'), this.#config.trustProxy);
  }
}

/** One object per transport: admission allocates nothing. */
const SENDERS: readonly Sender[] = [
  { transport: Transport.UNSPECIFIED },
  { transport: Transport.HTTP },
  { transport: Transport.GRPC },
  { transport: Transport.CONNECT },
];

export function isProblem(value: object): value is Problem {
  return 'code' in value;
}
