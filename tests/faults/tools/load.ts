import { setTimeout as delay } from 'node:timers/promises';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { credentials, Client as GrpcClient, type ServiceError, status } from '@grpc/grpc-js';
import {
  CastVoteRequestSchema,
  type CastVoteResponse,
  CastVoteResponseSchema,
  VoteService,
} from '../../../proto/gen/votewire/v1/service_pb.ts';

/** One submission of one vote, and what its client was told. */
export interface Attempt {
  /** Unique; sent as the attribute `attempt`, so that the log can be compared submission by submission. */
  readonly id: string;
  readonly contest: 'cats-vs-dogs' | 'bandas';
  readonly voter: string;
  readonly choice: string;
  readonly sequence: number;
  /** Empty in the one-per-voter contest. */
  readonly voteId: string;
  readonly path: 'http' | 'grpc';
  /** `ok`: acknowledged. `failed`: refused for good. `unknown`: may be counted. `pending`: no answer yet. */
  outcome: 'pending' | 'ok' | 'failed' | 'unknown';
  detail?: string;
  /** From sending it to its answer. */
  latencyMs?: number;
}

export interface LoadOptions {
  /** Base URLs of the edges, asked at random. */
  readonly edges: readonly string[];
  /** Options of the open contest. */
  readonly bands: readonly string[];
  /**
   * Voters at a time. Each changes their mind a few times and then stands by the last vote, and others follow: a vote
   * that goes wrong is not mended by a later one. Default 200.
   */
  readonly voters?: number;
  /** Votes in flight. Default 16. */
  readonly concurrency?: number;
  /** Submissions a second at most. Default: as many as are answered. */
  readonly perSecond?: number;
  /** Stop by itself after this many submissions. Default: never. */
  readonly limit?: number;
  /** How long a client waits for an answer. Default 2000. */
  readonly timeoutMs?: number;
}

/**
 * Clients that vote over both paths as fast as they are answered, each vote a new one, and that send a vote again, with
 * the same sequence and the same vote_id, when they don't know what became of it. They note every answer.
 */
export class Load implements AsyncDisposable {
  readonly attempts: Attempt[] = [];
  /** Acknowledged votes so far. */
  acknowledged = 0;
  /** When the last acknowledgement came, by `performance.now()`. */
  lastAcknowledgedAt = 0;
  readonly #options: Required<LoadOptions>;
  readonly #sequences = new Map<string, number>();
  readonly #clients: readonly Client[];
  readonly #workers: Promise<void>[];
  readonly #began = performance.now();
  #turns = 0;
  #stopping = false;

  constructor(options: LoadOptions) {
    this.#options = {
      voters: 200,
      concurrency: 16,
      limit: Number.POSITIVE_INFINITY,
      perSecond: Number.POSITIVE_INFINITY,
      timeoutMs: 2000,
      ...options,
    };
    this.#clients = options.edges.map((url) => new Client(url, this.#options.timeoutMs));
    this.#workers = Array.from({ length: this.#options.concurrency }, () => this.#work());
  }

  /** Waits for the submissions in flight, and for those that `limit` still allows. */
  async finish(): Promise<readonly Attempt[]> {
    await Promise.all(this.#workers);
    for (const client of this.#clients) client.close();
    return this.attempts;
  }

  /** Somebody asked it to stop. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Begins no more submissions and waits for those in flight. */
  stop(): Promise<readonly Attempt[]> {
    this.#stopping = true;
    return this.finish();
  }

  /** Sends one vote to any of the edges and notes in it what was answered. */
  async submit(attempt: Attempt): Promise<void> {
    const client = this.#clients[Math.floor(Math.random() * this.#clients.length)];
    if (client === undefined) throw new Error('a load needs at least one edge');
    const began = performance.now();
    await client.submit(attempt);
    attempt.latencyMs = performance.now() - began;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #work(): Promise<void> {
    let again: Attempt | undefined;
    while (!this.#stopping && this.attempts.length < this.#options.limit) {
      await this.#turn();
      const attempt = again === undefined ? this.#newVote() : this.#sameVote(again);
      this.attempts.push(attempt);
      await this.submit(attempt);
      if (attempt.outcome === 'ok') {
        this.acknowledged++;
        this.lastAcknowledgedAt = performance.now();
      }
      again = attempt.outcome === 'unknown' ? attempt : undefined;
      // An edge that is away refuses at once; without a pause the load would spin on it.
      if (again !== undefined) await delay(20);
    }
  }

  /** Waits as long as `perSecond` asks for. */
  async #turn(): Promise<void> {
    const dueMs = (this.#turns++ * 1000) / this.#options.perSecond;
    const earlyMs = dueMs - (performance.now() - this.#began);
    if (earlyMs > 0) await delay(earlyMs);
  }

  #newVote(): Attempt {
    const n = this.attempts.length;
    const { voters } = this.#options;
    const crowd = Math.floor(n / (voters * VOTES_EACH));
    const voter = `voter-${crowd}-${Math.floor(Math.random() * voters)}`;
    const path = n % 2 === 0 ? ('http' as const) : ('grpc' as const);
    if (n % 4 === 3 || n % 4 === 2) {
      const choice = this.#options.bands[Math.floor(Math.random() * this.#options.bands.length)] ?? '';
      // Some with and some without the means to recognise a repeat.
      const voteId = n % 8 < 4 ? `v${n}` : '';
      return { id: `a${n}`, contest: 'bandas', voter, choice, sequence: 0, voteId, path, outcome: 'pending' };
    }
    const sequence = (this.#sequences.get(voter) ?? 0) + 1;
    this.#sequences.set(voter, sequence);
    const choice = Math.random() < 0.5 ? 'cats' : 'dogs';
    return { id: `a${n}`, contest: 'cats-vs-dogs', voter, choice, sequence, voteId: '', path, outcome: 'pending' };
  }

  #sameVote(vote: Attempt): Attempt {
    const { detail: _, latencyMs: __, ...rest } = vote;
    return { ...rest, id: `a${this.attempts.length}`, outcome: 'pending' };
  }
}

/** Over both contests. */
const VOTES_EACH = 5;

/** A client of one edge, over both paths. */
class Client {
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #grpc;

  constructor(url: string, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    // A restarted edge is to be found again at once, not after seconds of back-off.
    const options = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 };
    this.#grpc = new GrpcClient(new URL(url).host, credentials.createInsecure(), options);
  }

  /** Sends the vote and notes in it what was answered. */
  async submit(attempt: Attempt): Promise<void> {
    try {
      await (attempt.path === 'http' ? this.#submitHttp(attempt) : this.#submitGrpc(attempt));
    } catch (error) {
      // A cut connection or a time-out: the vote may have arrived.
      attempt.outcome = 'unknown';
      attempt.detail = String(error);
    }
  }

  async #submitHttp(attempt: Attempt): Promise<void> {
    const response = await fetch(`${this.#url}/v1/votes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        contest: attempt.contest,
        choice: attempt.choice,
        voter: attempt.voter,
        attributes: { attempt: attempt.id },
        ...(attempt.voteId === '' ? {} : { vote_id: attempt.voteId }),
        ...(attempt.sequence === 0 ? {} : { sequence: attempt.sequence }),
      }),
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    const text = await response.text();
    if (response.status === 202) attempt.outcome = 'ok';
    else attempt.outcome = response.status >= 500 ? 'unknown' : 'failed';
    if (attempt.outcome !== 'ok') attempt.detail = `${response.status} ${text}`;
  }

  async #submitGrpc(attempt: Attempt): Promise<void> {
    const { contest, choice, voter, voteId } = attempt;
    const vote = {
      contest,
      choice,
      voter,
      voteId,
      sequence: BigInt(attempt.sequence),
      attributes: { attempt: attempt.id },
    };
    const request = Buffer.from(toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote })));
    const error = await new Promise<ServiceError | null>((resolve) => {
      this.#grpc.makeUnaryRequest<Buffer, CastVoteResponse>(
        `/${VoteService.typeName}/CastVote`,
        (bytes) => bytes,
        (bytes) => fromBinary(CastVoteResponseSchema, bytes),
        request,
        { deadline: Date.now() + this.#timeoutMs },
        resolve,
      );
    });
    attempt.outcome = error === null ? 'ok' : REFUSED.has(error.code) ? 'failed' : 'unknown';
    if (error !== null) attempt.detail = error.message;
  }

  close(): void {
    this.#grpc.close();
  }
}

/** Answers after which a vote is certain not to count. */
const REFUSED = new Set<status>([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.FAILED_PRECONDITION,
  status.RESOURCE_EXHAUSTED,
  status.UNIMPLEMENTED,
]);
