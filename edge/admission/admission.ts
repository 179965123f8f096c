import { findHashedKey } from '../../config/secrets/hashed-keys.ts';
import { isProblem, type Problem } from '../../http/problem.ts';
import type { Quota } from '../../http/quota.ts';
import { clientAddress } from '../../http/request/client-address.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { EdgeConfig } from '../config.ts';
import type { Sender } from '../vote/ingress.ts';
import { Transport } from '../vote/transport.ts';
import { type AddressLimits, createLimits, type LimitsConfig } from './limits.ts';
import type { ProducerKey } from './producers/producer-keys.ts';
import { checkOrigin } from './same-origin.ts';
import type { RequestView } from './views/request-view.ts';
import { createWatchSeats } from './watch-seats.ts';

type AdmissionConfig = Pick<EdgeConfig, 'publicOrigin' | 'trustProxy' | 'producerKeys'> & LimitsConfig;

/**
 * Decides for all transports whether a request is admitted: by its origin, producer key and the quotas of its address.
 */
export class Admission {
  readonly #config: AdmissionConfig;
  readonly #limits: AddressLimits;
  readonly #watches = createWatchSeats();
  /** Senders by key and transport, created once so that a request allocates none. */
  readonly #producers: ReadonlyMap<ProducerKey, readonly Sender[]>;

  constructor(config: AdmissionConfig) {
    this.#config = config;
    this.#limits = createLimits(config);
    this.#producers = new Map(config.producerKeys.map((key) => [key, sendersOf(key.contests)]));
  }

  /**
   * Admits votes that name their voter, from programs. Charges one vote to the quota of the address. Requires a
   * producer key if any is configured.
   */
  admit(request: RequestView, transport: Transport): Sender | Problem {
    const problem = checkOrigin(request, this.#config.publicOrigin);
    if (problem !== undefined) return problem;
    const sender = this.#producer(request, transport);
    return isProblem(sender) ? sender : (this.#takeQuota(request) ?? sender);
  }

  /** Admits a vote from the vote page, whose voter is in a signed cookie or random. Charges one vote to the quota. */
  admitBrowser(request: RequestView): Sender | Problem {
    return checkOrigin(request, this.#config.publicOrigin) ?? this.#takeQuota(request) ?? BROWSER;
  }

  /** Admits a browser that gets a new identity. */
  admitNewVoter(request: RequestView): Problem | undefined {
    return this.#limits.newVoters?.take(this.#addressOf(request));
  }

  /** Admits a read or a page; returns the remaining quota, or undefined if reads have no limit. */
  admitRead(request: RequestView): Problem | Quota | undefined {
    const { reads } = this.#limits;
    if (reads === undefined) return undefined;
    const address = this.#addressOf(request);
    return reads.take(address) ?? reads.quota(address);
  }

  /** Admits a watch of results; returns a function that ends it, or the problem. */
  admitWatch(request: RequestView): (() => void) | Problem {
    const read = this.admitRead(request);
    return read !== undefined && 'code' in read ? read : this.#watches.take(this.#addressOf(request));
  }

  /** Charges all votes of a batch except the first, which `admit` has charged, to the quota of the address. */
  charge(request: RequestView, votes: number): void {
    if (votes > 1) this.#limits.votes?.charge(this.#addressOf(request), votes - 1);
  }

  #producer(request: RequestView, transport: Transport): Sender | Problem {
    const { producerKeys } = this.#config;
    if (producerKeys.length === 0) return OPEN[transport] as Sender;
    const authorization = request.header('authorization');
    if (authorization === undefined) return KEY_MISSING;
    const key = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    const found = key === undefined ? undefined : findHashedKey(producerKeys, key);
    if (found === undefined) return KEY_WRONG;
    return this.#producers.get(found)?.[transport] as Sender;
  }

  #takeQuota(request: RequestView): Problem | undefined {
    return this.#limits.votes?.take(this.#addressOf(request));
  }

  #addressOf(request: RequestView): string {
    return clientAddress(request.peer, request.header('x-forwarded-for'), this.#config.trustProxy);
  }
}

function sendersOf(contests: ReadonlySet<string> | undefined): readonly Sender[] {
  return [Transport.UNSPECIFIED, Transport.HTTP, Transport.GRPC, Transport.CONNECT].map((transport) => ({
    transport,
    browser: false,
    contests,
  }));
}

const OPEN = sendersOf(undefined);
const BROWSER: Sender = { transport: Transport.HTTP, browser: true, contests: undefined };

const KEY_MISSING: Problem = {
  code: ErrorCode.UNAUTHENTICATED,
  detail: 'Votes from programs need a producer key; send it as "Authorization: Bearer <key>"',
};

const KEY_WRONG: Problem = {
  code: ErrorCode.UNAUTHENTICATED,
  detail: 'Unknown producer key; send a key of this deployment as "Authorization: Bearer <key>"',
};
