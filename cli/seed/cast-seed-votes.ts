import { setTimeout as delay } from 'node:timers/promises';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node';
import { VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { bandasVotes, catsVsDogsVotes, type SeedOption, type SeedVote } from './seed-votes.ts';

interface SeedOutcome {
  /** Votes that the edge acknowledged, per transport. */
  readonly http: number;
  readonly grpc: number;
}

/** Votes in flight at once. */
const IN_FLIGHT = 64;
/** Codes after which the outcome is unknown; a retry with the same voter and sequence is harmless. */
const UNKNOWN = new Set([Code.Unavailable, Code.Aborted, Code.Canceled, Code.DeadlineExceeded]);
/** How long one vote is retried while the edge is overloaded or not ready. */
const RETRY_MS = 20_000;

/**
 * Casts the sample votes of `cats-vs-dogs` and, if it exists, `bandas`, one vote per request: half of them as HTTP
 * POSTs, half as unary gRPC calls. Repeating this changes no count.
 *
 * @throws {Error} for the first vote that the edge rejects, with its answer; the reason of `stop` once it aborts. No
 * vote is in flight when this throws
 */
export async function seed(edgeUrl: string, stop?: AbortSignal): Promise<SeedOutcome> {
  const failed = new AbortController();
  const signal = stop === undefined ? failed.signal : AbortSignal.any([stop, failed.signal]);
  const votes = [...catsVsDogsVotes(), ...bandasVotes(await readOptions(edgeUrl, 'bandas', signal))];
  const sessions = new Http2SessionManager(edgeUrl);
  const client = createClient(VoteService, createGrpcTransport({ baseUrl: edgeUrl, sessionManager: sessions }));
  const overGrpc = async (vote: SeedVote): Promise<'done' | 'again'> => {
    try {
      await client.castVote({ vote: { ...vote, sequence: BigInt(vote.sequence) } }, { signal });
      return 'done';
    } catch (error) {
      if (UNKNOWN.has(ConnectError.from(error).code)) return 'again';
      throw new Error(`gRPC CastVote of ${vote.voter} was rejected: ${ConnectError.from(error).message}`);
    }
  };
  try {
    // Transports alternate, so that the log shows them side by side even if one is faster.
    await castAll(votes, signal, (vote, index) => (index % 2 === 0 ? postVote(edgeUrl, vote, signal) : overGrpc(vote)));
    return { http: Math.ceil(votes.length / 2), grpc: Math.floor(votes.length / 2) };
  } finally {
    // After a rejected vote, the others need no retries.
    failed.abort();
    sessions.abort();
  }
}

async function postVote(edgeUrl: string, vote: SeedVote, signal: AbortSignal): Promise<'done' | 'again'> {
  const { contest, choice, voter, attributes, voteId, sequence } = vote;
  const body = { contest, choice, voter, attributes, ...(voteId !== '' && { vote_id: voteId }), sequence };
  const headers = { 'content-type': 'application/json' };
  let response: Response;
  try {
    response = await fetch(`${edgeUrl}/v1/votes`, { method: 'POST', headers, body: JSON.stringify(body), signal });
  } catch {
    // The connection failed, so the outcome is unknown.
    return 'again';
  }
  const text = await response.text();
  if (response.ok) return 'done';
  if (response.status === 503) return 'again';
  throw new Error(`POST /v1/votes of ${voter} was rejected with ${response.status}: ${text.slice(0, 300)}`);
}

async function castAll(
  votes: readonly SeedVote[],
  signal: AbortSignal,
  cast: (vote: SeedVote, index: number) => Promise<'done' | 'again'>,
): Promise<void> {
  const rest = votes.entries();
  const worker = async () => {
    for (const [index, vote] of rest) {
      signal.throwIfAborted();
      for (
        const until = Date.now() + RETRY_MS;
        (await cast(vote, index)) === 'again';
        await delay(200, undefined, { signal })
      ) {
        if (Date.now() > until)
          throw new Error(`The edge did not accept the vote of ${vote.voter} within ${RETRY_MS / 1000} s.`);
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function readOptions(edgeUrl: string, contest: string, signal: AbortSignal): Promise<readonly SeedOption[]> {
  const response = await fetch(`${edgeUrl}/v1/contests/${contest}`, { signal });
  const body = (await response.json()) as { options?: readonly SeedOption[] };
  // The contest may have been deleted.
  return response.ok ? (body.options ?? []) : [];
}
