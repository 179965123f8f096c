import { setTimeout as delay } from 'node:timers/promises';
import type { Attempt } from './attempt.ts';
import { pick, seeded } from './seeded.ts';
import { VoteClient } from './vote-client.ts';

export interface LoadOptions {
  /** Base URLs of the edges, chosen at random. */
  readonly edges: readonly string[];
  /** Options of the open contest. */
  readonly bands: readonly string[];
  /** Voter and choice of a vote depend only on the seed and on the number of the vote. */
  readonly seed: number;
  /**
   * Voters at a time. Each changes a vote a few times, then keeps the last one while other voters follow, so that no
   * later vote hides a lost one. Default 200.
   */
  readonly voters?: number;
  /** Votes in flight. Default 16. */
  readonly concurrency?: number;
  /** Maximum submissions per second. Default: as many as are answered. */
  readonly perSecond?: number;
  /** How long a client waits for an answer. Default 2000. */
  readonly timeoutMs?: number;
  /**
   * How often a client repeats a vote of unknown outcome before it moves on. Default: until it has an answer. Set it if
   * some votes get no answer for long, because all clients would soon wait for those.
   */
  readonly repeats?: number;
}

/** Votes of one voter, in both contests, before other voters follow. */
const VOTES_EACH = 5;
/** An edge that is down refuses connections at once; without a pause the load would spin. */
const RETRY_MS = 20;

/**
 * Clients that vote over both transports as fast as they are answered, each vote a new one. They repeat a vote of
 * unknown outcome with the same sequence and vote_id, and record every answer.
 */
export class Load implements AsyncDisposable {
  readonly attempts: Attempt[] = [];
  /** Acknowledged votes so far. */
  acknowledged = 0;
  readonly #options: Required<LoadOptions>;
  readonly #sequences = new Map<string, number>();
  readonly #clients: readonly VoteClient[];
  readonly #workers: Promise<void>[];
  readonly #began = performance.now();
  #turns = 0;
  #stopping = false;

  constructor(options: LoadOptions) {
    this.#options = {
      voters: 200,
      concurrency: 16,
      perSecond: Number.POSITIVE_INFINITY,
      timeoutMs: 2000,
      repeats: Number.POSITIVE_INFINITY,
      ...options,
    };
    this.#clients = options.edges.map((url) => new VoteClient(url, this.#options.timeoutMs));
    this.#workers = Array.from({ length: this.#options.concurrency }, () => this.#work());
  }

  /** Options of the open contest. */
  get bands(): readonly string[] {
    return this.#options.bands;
  }

  /** True once `stop` was called. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Starts no more submissions and waits for those in flight. */
  async stop(): Promise<readonly Attempt[]> {
    this.#stopping = true;
    await Promise.all(this.#workers);
    for (const client of this.#clients) client.close();
    return this.attempts;
  }

  /** Sends one vote to any of the edges and records it with its answer. */
  async submit(attempt: Attempt): Promise<void> {
    this.attempts.push(attempt);
    await pick(seeded(this.#options.seed, `edge of ${attempt.id}`), this.#clients).submit(attempt);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #work(): Promise<void> {
    let again: Attempt | undefined;
    let repeats = 0;
    while (!this.#stopping) {
      await this.#turn();
      const attempt = again === undefined ? this.#newVote() : this.#sameVote(again);
      await this.submit(attempt);
      if (attempt.outcome === 'ok') this.acknowledged++;
      repeats = again === undefined ? 0 : repeats + 1;
      again = attempt.outcome === 'unknown' && repeats < this.#options.repeats ? attempt : undefined;
      if (again !== undefined) await delay(RETRY_MS);
    }
  }

  /** Waits as `perSecond` requires. */
  async #turn(): Promise<void> {
    const dueMs = (this.#turns++ * 1000) / this.#options.perSecond;
    const earlyMs = dueMs - (performance.now() - this.#began);
    if (earlyMs > 0) await delay(earlyMs);
  }

  #newVote(): Attempt {
    const n = this.attempts.length;
    const { voters, bands, seed } = this.#options;
    const random = seeded(seed, `vote ${n}`);
    const crowd = Math.floor(n / (voters * VOTES_EACH));
    const voter = `voter-${crowd}-${Math.floor(random() * voters)}`;
    const common = { id: `a${n}`, voter, path: n % 2 === 0 ? 'http' : 'grpc', outcome: 'pending' } as const;
    if (n % 4 >= 2) {
      // Half of the votes have no vote_id, with which the tally would recognize a repeat.
      const voteId = n % 8 < 4 ? `v${n}` : '';
      return { ...common, contest: 'bandas', choice: pick(random, bands), sequence: 0, voteId };
    }
    const sequence = (this.#sequences.get(voter) ?? 0) + 1;
    this.#sequences.set(voter, sequence);
    return { ...common, contest: 'cats-vs-dogs', choice: pick(random, ['cats', 'dogs']), sequence, voteId: '' };
  }

  #sameVote(vote: Attempt): Attempt {
    const { detail: _, latencyMs: __, answeredAt: ___, ...rest } = vote;
    return { ...rest, id: `a${this.attempts.length}`, outcome: 'pending' };
  }
}
