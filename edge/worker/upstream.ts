import type { Problem } from '../../http/problem.ts';
import type { ProblemBody } from '../../http/problem-reply.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Contest } from '../../store/contests/contest.ts';
import type { CastEachOutcome, CastManyOutcome, CastOutcome } from '../vote/ingress.ts';
import { unknownProblem } from '../vote/not-stored-problem.ts';

/** Longer than an edge takes to report an unknown outcome, shorter than a client waits. */
const TIMEOUT_MS = 4000;
/** Longer than the default WAIT_TIMEOUT_MS of an edge. */
const WAIT_TIMEOUT_MS = 10_000;

const ONE_VOTE = 'application/protobuf;proto=votewire.v1.Vote';
const BATCH = 'application/protobuf';

type Accepted = { readonly receipt: string; readonly status: 'queued' };
type EachRow = Accepted | (ProblemBody & { readonly retryAfter?: number });
type ManyBody = { readonly accepted: number; readonly rejected: { index: number; code: string; message: string }[] };

interface Answer {
  readonly body: unknown;
  /** Undefined if the upstream accepted the request. */
  readonly problem?: Problem;
}

const NOT_UNDERSTOOD = unknownProblem('the answer of the upstream edge was not understood');

/**
 * The edge behind a worker. Calls that cast never reject; a failure after which votes may be stored is an unknown
 * outcome.
 */
export class Upstream {
  readonly origin: string;
  readonly #fetch: typeof fetch;

  constructor(origin: string, send: typeof fetch) {
    this.origin = origin;
    this.#fetch = send;
  }

  /** Forwards any other request unchanged. */
  forward(request: Request): Promise<Response> {
    return this.#fetch(request);
  }

  /** The contests, and the edge's clock in milliseconds since 1970. Rejects if the edge does not answer. */
  async contests(): Promise<{ contests: Contest[]; now: number }> {
    const response = await this.#fetch(`${this.origin}/v1/contests`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!response.ok) throw new Error(`GET /v1/contests answered ${response.status}`);
    const { contests } = (await response.json()) as { contests: Contest[] };
    const date = Date.parse(response.headers.get('date') ?? '');
    return { contests, now: Number.isNaN(date) ? Date.now() : date };
  }

  /** Casts one encoded Vote; answered after its count. */
  async castWaiting(vote: Uint8Array<ArrayBuffer>): Promise<CastOutcome> {
    const answer = await this.#post('?wait=counted', ONE_VOTE, vote, WAIT_TIMEOUT_MS);
    if (answer.problem !== undefined) return { ok: false, problem: answer.problem };
    return { ok: true, ...(answer.body as Accepted) };
  }

  /** Casts an encoded CastVotesRequest. */
  async castMany(batch: Uint8Array<ArrayBuffer>): Promise<CastManyOutcome> {
    const answer = await this.#post('', BATCH, batch, TIMEOUT_MS);
    // A batch without accepted votes is a problem that lists its votes.
    const { accepted, rejected } = (answer.body ?? {}) as Partial<ManyBody>;
    if (accepted === undefined || rejected === undefined)
      return { ok: false, problem: answer.problem ?? NOT_UNDERSTOOD };
    return { ok: true, accepted, rejected: rejected.map((row) => ({ ...row, code: codeOf(row.code) })) };
  }

  /** Casts an encoded CastVotesRequest; each vote gets its own outcome and receipt. */
  async castEach(batch: Uint8Array<ArrayBuffer>): Promise<CastEachOutcome> {
    const answer = await this.#post('?outcomes=each', BATCH, batch, TIMEOUT_MS);
    if (answer.problem !== undefined) return { ok: false, problem: answer.problem };
    const { outcomes } = answer.body as { outcomes: EachRow[] };
    return {
      ok: true,
      outcomes: outcomes.map((row) =>
        'receipt' in row ? { ok: true, ...row } : { ok: false, problem: problemOf(row, row.retryAfter) },
      ),
    };
  }

  async #post(query: string, type: string, body: Uint8Array<ArrayBuffer>, timeoutMs: number): Promise<Answer> {
    try {
      const response = await this.#fetch(`${this.origin}/v1/votes${query}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const isProblem = response.headers.get('content-type') === 'application/problem+json';
      // A proxy may have answered, so nothing is known about the votes.
      if (!response.ok && !isProblem) return unknown(`the upstream edge answered ${response.status}`);
      const answer: unknown = await response.json();
      if (response.ok) return { body: answer };
      const retryAfter = response.headers.get('retry-after');
      const problem = problemOf(answer as ProblemBody, retryAfter === null ? undefined : +retryAfter);
      return { body: answer, problem };
    } catch (error) {
      return unknown(`the upstream edge did not answer (${error instanceof Error ? error.message : error})`);
    }
  }
}

function unknown(reason: string): Answer {
  return { body: undefined, problem: unknownProblem(reason) };
}

function problemOf({ code, detail, errors }: ProblemBody, retryAfter: number | undefined): Problem {
  return { code: codeOf(code), detail, ...(errors && { errors }), ...(retryAfter !== undefined && { retryAfter }) };
}

/** The code by its name; INTERNAL for an unknown one, which a newer edge may send. */
function codeOf(name: string): ErrorCode {
  const codes: Readonly<Record<string, ErrorCode | undefined>> = ErrorCode;
  return codes[name.toUpperCase()] ?? ErrorCode.INTERNAL;
}
