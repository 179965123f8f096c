import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { credentials, Client as GrpcClient, type ServiceError, status } from '@grpc/grpc-js';
import {
  CastVoteRequestSchema,
  type CastVoteResponse,
  CastVoteResponseSchema,
  VoteService,
} from '../../../proto/gen/votewire/v1/service_pb.ts';
import type { Attempt } from './attempt.ts';

/** gRPC codes after which a vote is certain not to count. */
const REJECTED = new Set<status>([
  status.INVALID_ARGUMENT,
  status.NOT_FOUND,
  status.FAILED_PRECONDITION,
  status.RESOURCE_EXHAUSTED,
  status.UNIMPLEMENTED,
]);

/** A client of one edge, over both transports. */
export class VoteClient {
  readonly #url: string;
  readonly #timeoutMs: number;
  readonly #grpc;

  constructor(url: string, timeoutMs: number) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    // Reconnects to a restarted edge at once, not after seconds of back-off.
    const options = { 'grpc.initial_reconnect_backoff_ms': 100, 'grpc.max_reconnect_backoff_ms': 500 };
    this.#grpc = new GrpcClient(new URL(url).host, credentials.createInsecure(), options);
  }

  /** Sends the vote and records the answer in it. */
  async submit(attempt: Attempt): Promise<void> {
    const began = performance.now();
    try {
      await (attempt.path === 'http' ? this.#submitHttp(attempt) : this.#submitGrpc(attempt));
    } catch (error) {
      // After a broken connection or a timeout, the vote may have arrived.
      attempt.outcome = 'unknown';
      attempt.detail = String(error);
    }
    attempt.answeredAt = performance.now();
    attempt.latencyMs = attempt.answeredAt - began;
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
    const attributes = { attempt: attempt.id };
    const vote = { contest, choice, voter, voteId, sequence: BigInt(attempt.sequence), attributes };
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
    attempt.outcome = error === null ? 'ok' : REJECTED.has(error.code) ? 'failed' : 'unknown';
    if (error !== null) attempt.detail = error.message;
  }

  close(): void {
    this.#grpc.close();
  }
}
