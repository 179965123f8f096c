import type { BytesValue } from '@bufbuild/protobuf/wkt';
import type { ConnectRouter, HandlerContext } from '@connectrpc/connect';
import {
  CastVoteRequestSchema,
  CastVotesRequestSchema,
  StreamVotesRequestSchema,
  VoteService,
} from '../../../proto/gen/votewire/v1/service_pb.ts';
import { MAX_BATCH_BYTES } from '../../../wasm/limits.ts';
import type { CastManyOutcome, CastOutcome } from '../../vote/ingress.ts';
import { Transport } from '../../vote/transport.ts';
import { RECEIPT_STATUS } from '../messages/cast-vote-response.ts';
import { problemError } from '../problem-status.ts';
import { rawMethod, withRawRequests } from '../raw/raw-requests.ts';
import { castVote, MAX_CAST_VOTE_BYTES } from './cast-vote.ts';
import { castVotes, listRejected } from './cast-votes.ts';
import { ConnectStream } from './connect-stream.ts';
import { abortReason, isShutdown, REQUEST, throwIfOver } from './router-calls.ts';
import { VoteStream } from './stream-votes.ts';
import type { VoteCaller, VoteServiceDeps } from './vote-service-deps.ts';

/** Growth factor of the size limit, because JSON encodes bytes in base64. */
const WRAPPED = 2;

/**
 * Mounts the RPCs of VoteService that accept votes on Connect's router, for calls that the direct transports do not
 * serve: the Connect protocol, gRPC-Web and gRPC with JSON. Handlers, codec and the bytes they get are the same as on
 * the direct transports.
 *
 * @param depsOf the dependencies of a call
 */
export function mountCastService(router: ConnectRouter, depsOf: (context: HandlerContext) => VoteServiceDeps): void {
  const { castVote: one, castVotes: many, streamVotes: stream } = VoteService.method;
  const mounted = router.handlers.length;
  router.rpc(
    rawMethod(one),
    async ({ value }, context) => {
      throwIfOver(context);
      const outcome = await new Promise<CastOutcome>((done) =>
        castVote(depsOf(context), callerOf(context), value, done),
      );
      if (!outcome.ok) throw problemError(outcome.problem);
      return { receipt: outcome.receipt, status: RECEIPT_STATUS[outcome.status] };
    },
    { readMaxBytes: WRAPPED * MAX_CAST_VOTE_BYTES },
  );
  router.rpc(
    rawMethod(many),
    async ({ value }, context) => {
      throwIfOver(context);
      const outcome = await new Promise<CastManyOutcome>((done) =>
        castVotes(depsOf(context), callerOf(context), value, done),
      );
      if (!outcome.ok) throw problemError(outcome.problem);
      const [rejected, omitted] = listRejected(outcome.rejected);
      return { accepted: outcome.accepted, rejected: rejected.map((vote) => ({ ...vote })), omitted };
    },
    { readMaxBytes: WRAPPED * MAX_BATCH_BYTES },
  );
  router.rpc(
    rawMethod(stream),
    (requests, context) => {
      const peer = new ConnectStream();
      const votes = new VoteStream(depsOf(context), callerOf(context), peer);
      const { signal } = context;
      signal.addEventListener('abort', () => {
        if (isShutdown(signal.reason)) return votes.stop();
        votes.cancel();
        peer.failWith(abortReason(signal));
      });
      void peer.read(valuesOf(requests), votes);
      return peer.responses(votes);
    },
    { readMaxBytes: WRAPPED * MAX_BATCH_BYTES },
  );
  const limits = [
    { schema: CastVoteRequestSchema, maxBytes: MAX_CAST_VOTE_BYTES },
    { schema: CastVotesRequestSchema, maxBytes: MAX_BATCH_BYTES },
    { schema: StreamVotesRequestSchema, maxBytes: MAX_BATCH_BYTES },
  ];
  for (const [at, handler] of router.handlers.splice(mounted).entries()) {
    const options = limits[at];
    if (options !== undefined) router.handlers.push(withRawRequests(handler, options));
  }
}

/** gRPC calls arrive here too: if they are not plain protobuf, or with INGRESS=framework. */
function callerOf(context: HandlerContext): VoteCaller {
  const transport = context.protocolName === 'grpc' ? Transport.GRPC : Transport.CONNECT;
  return { request: context.values.get(REQUEST), transport };
}

async function* valuesOf(messages: AsyncIterable<BytesValue>): AsyncGenerator<Uint8Array> {
  for await (const { value } of messages) yield value;
}
