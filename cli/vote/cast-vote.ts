import { createClient, type Transport as RpcTransport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport } from '@connectrpc/connect-node';
import { Status, VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { RejectedRequest, request } from '../request.ts';
import { rpcError } from '../rpc-error.ts';

export const TRANSPORTS = ['http', 'grpc', 'connect'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export interface CliVote {
  readonly contest: string;
  readonly choice: string;
  readonly voter: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly voteId: string;
  readonly sequence: number;
}

/** The outcome of a vote. `unknown`: it may be counted; a retry with the same sequence or vote_id is harmless. */
export type VoteOutcome =
  | { readonly outcome: 'ok'; readonly receipt: string; readonly status: string }
  | { readonly outcome: 'failed' | 'unknown'; readonly message: string };

export type CastVote = (vote: CliVote, wait: boolean) => Promise<VoteOutcome>;

/** Longer than any edge waits for a count (`WAIT_TIMEOUT_MS`). */
const ANSWER_MS = 65_000;

/** Creates a function that casts votes at an edge over one transport. */
export function createCaster(transport: Transport, edgeUrl: string, signal: AbortSignal): CastVote {
  if (transport === 'http') return (vote, wait) => castOverHttp(vote, wait, edgeUrl, signal);
  const rpcTransport =
    transport === 'grpc'
      ? createGrpcTransport({ baseUrl: edgeUrl })
      : createConnectTransport({ baseUrl: edgeUrl, httpVersion: '1.1' });
  return (vote, wait) => castOverRpc(vote, wait, { transport: rpcTransport, edgeUrl, signal });
}

async function castOverHttp(vote: CliVote, wait: boolean, edgeUrl: string, signal: AbortSignal): Promise<VoteOutcome> {
  const { contest, choice, voter, attributes, voteId, sequence } = vote;
  const body = {
    ...{ contest, choice, voter, attributes },
    ...(voteId !== '' && { vote_id: voteId }),
    ...(sequence > 0 && { sequence }),
  };
  try {
    const response = await request(`${edgeUrl}/v1/votes${wait ? '?wait=counted' : ''}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    const { receipt, status } = (await response.json()) as { receipt: string; status: string };
    return { outcome: 'ok', receipt, status };
  } catch (error) {
    return outcomeOf(error);
  }
}

interface Rpc {
  readonly transport: RpcTransport;
  readonly edgeUrl: string;
  readonly signal: AbortSignal;
}

async function castOverRpc(vote: CliVote, wait: boolean, { transport, edgeUrl, signal }: Rpc): Promise<VoteOutcome> {
  try {
    const message = { ...vote, sequence: BigInt(vote.sequence) };
    const { receipt, status } = await createClient(VoteService, transport).castVote(
      { vote: message, wait },
      { signal, timeoutMs: ANSWER_MS },
    );
    return { outcome: 'ok', receipt, status: nameOf(status) };
  } catch (error) {
    return outcomeOf(rpcError(error, edgeUrl));
  }
}

function outcomeOf(error: unknown): VoteOutcome {
  const message = error instanceof Error ? error.message : `${error}`;
  return { outcome: error instanceof RejectedRequest ? 'failed' : 'unknown', message };
}

function nameOf(status: Status): string {
  return (
    Object.entries(Status)
      .find(([, value]) => value === status)?.[0]
      ?.toLowerCase() ?? ''
  );
}
