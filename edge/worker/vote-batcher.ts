import type { CastEachOutcome, CastOutcome } from '../vote/ingress.ts';
import { unknownProblem } from '../vote/not-stored-problem.ts';
import { withDeadline } from './with-deadline.ts';

/** Maximum number of batches in flight. Beyond it, votes gather in the next one. */
const MAX_IN_FLIGHT = 2;
/**
 * Minimum time between two batches, in which votes gather. A vote after a silence is not delayed. A separate request
 * costs the upstream as much as dozens of votes in a batch (`npm run bench:worker`).
 */
const PACE_MS = 20;
/** Well below the limits of a CastVotesRequest, so that one slow batch does not hold up many voters. */
const MAX_VOTES = 1000;
const MAX_BYTES = 256 * 1024;
/** Longer than a batch takes to be sent and answered. */
const DEADLINE_MS = 10_000;

/** Votes sent together. */
interface Batch {
  readonly votes: Uint8Array<ArrayBuffer>[];
  bytes: number;
  /** Resolves with the outcomes, in the order of `votes`. */
  readonly outcomes: Promise<CastEachOutcome>;
}

/**
 * Group commit towards the upstream edge: votes of concurrent requests share a batch, and each gets its own outcome.
 *
 * The request that opens a batch also sends it: a worker's platform ties I/O to the request that started it, and
 * cancels it when that request is over. The sender's own vote is in the batch, so its request lasts until the batch is
 * answered.
 */
export class VoteBatcher {
  readonly #send: (batch: Uint8Array<ArrayBuffer>) => Promise<CastEachOutcome>;
  #open: Batch | undefined;
  #inFlight = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  readonly #queue: (() => void)[] = [];

  /** `send` takes an encoded CastVotesRequest and must not reject. */
  constructor(send: (batch: Uint8Array<ArrayBuffer>) => Promise<CastEachOutcome>) {
    this.#send = send;
  }

  /** `vote` is an element of a CastVotesRequest: tag, length and Vote. */
  async cast(vote: Uint8Array<ArrayBuffer>): Promise<CastOutcome> {
    const batch = this.#join(vote);
    const at = batch.votes.length - 1;
    const outcome = await withDeadline(batch.outcomes, DEADLINE_MS);
    if (outcome === undefined) {
      // The request that leads the batch was canceled.
      if (this.#open === batch) this.#open = undefined;
      return { ok: false, problem: unknownProblem(`no outcome within ${DEADLINE_MS} ms`) };
    }
    if (!outcome.ok) return outcome;
    return outcome.outcomes[at] ?? { ok: false, problem: unknownProblem('the upstream edge left out this vote') };
  }

  #join(vote: Uint8Array<ArrayBuffer>): Batch {
    const open = this.#open;
    if (open !== undefined && open.votes.length < MAX_VOTES && open.bytes + vote.length <= MAX_BYTES) {
      open.votes.push(vote);
      open.bytes += vote.length;
      return open;
    }
    const { promise, resolve } = Promise.withResolvers<CastEachOutcome>();
    const batch: Batch = { votes: [vote], bytes: vote.length, outcomes: promise };
    this.#open = batch;
    resolve(this.#lead(batch));
    return batch;
  }

  async #lead(batch: Batch): Promise<CastEachOutcome> {
    const waitMs = this.#sentAt + PACE_MS - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    if (this.#inFlight >= MAX_IN_FLIGHT) await new Promise<void>((resolve) => this.#queue.push(resolve));
    if (this.#open === batch) this.#open = undefined;
    this.#inFlight++;
    this.#sentAt = performance.now();
    try {
      return await this.#send(concat(batch));
    } finally {
      this.#inFlight--;
      this.#queue.shift()?.();
    }
  }
}

function concat({ votes, bytes }: Batch): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const vote of votes) {
    all.set(vote, at);
    at += vote.length;
  }
  return all;
}
