import { type DescMessage, type MessageInitShape, type MessageShape, toBinary } from '@bufbuild/protobuf';
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from '@connectrpc/connect';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import {
  CastVoteRequestSchema,
  CastVotesRequestSchema,
  type CastVotesResponseSchema,
  StreamVotesRequestSchema,
  type VoteService,
  type WatchResultsResponseSchema,
} from '../../../proto/gen/votewire/v1/service_pb.ts';
import { Path } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import type { CastManyOutcome, CastOutcome } from '../../vote/ingress.ts';
import { problemError } from '../problem-status.ts';
import { latestValue } from '../results/latest-value.ts';
import type { ResultsFeed, ResultsOutcome } from '../results/results-feed.ts';
import { resultsMessage } from '../results/results-message.ts';
import { RECEIPT_STATUS } from './cast-vote-response.ts';
import { nestFlatVote } from './nest-flat-vote.ts';
import { CALLER, chargeQuota, takeQuota } from './quota.ts';
import type { VoteServiceDeps } from './vote-service-deps.ts';

/**
 * VoteService for Connect's router: the Connect protocol, gRPC-Web, gRPC with JSON, and the RPCs that are not hot.
 * A decoded vote is encoded again and goes through the same codec as all others, so that one set of rules holds.
 */
export function voteService(path: VoteServiceDeps, feed: ResultsFeed): ServiceImpl<typeof VoteService> {
  const { ingress, codec, limiter } = path;
  const take = (context: HandlerContext) => {
    const refusal = takeQuota(limiter, context.values.get(CALLER));
    if (refusal !== undefined) throw problemError(refusal);
  };
  const castMany = (bytes: Uint8Array, context: HandlerContext) => {
    take(context);
    const encoded = codec.encodeVotes(bytes);
    chargeQuota(limiter, context.values.get(CALLER), encoded.count + encoded.rejected.length - 1);
    return new Promise<CastManyOutcome>((done) => ingress.castMany(pathOf(context), encoded, done));
  };
  return {
    async castVote(request, context) {
      take(context);
      const encoded = codec.encodeCastVote(nestFlatVote(encode(CastVoteRequestSchema, request)));
      const outcome = await new Promise<CastOutcome>((done) =>
        ingress.castOne(pathOf(context), encoded, encoded.wait, done),
      );
      if (!outcome.ok) throw problemError(outcome.problem);
      return { receipt: outcome.receipt, status: RECEIPT_STATUS[outcome.status] };
    },

    async castVotes(request, context): Promise<MessageInitShape<typeof CastVotesResponseSchema>> {
      const outcome = await castMany(encode(CastVotesRequestSchema, request), context);
      if (!outcome.ok) throw problemError(outcome.problem);
      return { accepted: outcome.accepted, rejected: outcome.rejected.map((vote) => ({ ...vote })) };
    },

    async *streamVotes(requests, context) {
      let acknowledged = 0;
      for await (const request of requests) {
        const outcome = await castMany(encode(StreamVotesRequestSchema, request), context);
        if (!outcome.ok) throw problemError(outcome.problem);
        const base = acknowledged;
        acknowledged += request.votes.length;
        const rejected = outcome.rejected.map((vote) => ({ ...vote, index: base + vote.index }));
        yield { acknowledged: BigInt(acknowledged), rejected };
      }
    },

    async getResults({ contest }) {
      return { results: resultsMessage(orThrow(await feed.read(contest))) };
    },

    async *watchResults({ contest }, context): AsyncGenerator<MessageInitShape<typeof WatchResultsResponseSchema>> {
      const outcomes = latestValue<ResultsOutcome>(context.signal, (show) => feed.watch(contest, context.signal, show));
      for await (const outcome of outcomes) yield { results: resultsMessage(orThrow(outcome)) };
      // It goes on until the signal aborts: an end without a word would say that this contest has no more to tell.
      throw whyAborted(context.signal);
    },
  };
}

function whyAborted({ reason }: AbortSignal): unknown {
  if (!(reason instanceof ConnectError) || reason.code !== Code.DeadlineExceeded) return reason;
  return problemError({ code: ErrorCode.DEADLINE_EXCEEDED, detail: reason.rawMessage });
}

function orThrow(outcome: ResultsOutcome) {
  if (!outcome.ok) throw problemError(outcome.problem);
  return outcome.results;
}

/** gRPC calls come here too, where they are not plain protobuf. */
function pathOf(context: HandlerContext): Path {
  return context.protocolName === 'grpc' ? Path.GRPC : Path.CONNECT;
}

/** Without unknown fields: they are never stored. */
function encode<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Uint8Array {
  return toBinary(schema, message, { writeUnknownFields: false });
}
