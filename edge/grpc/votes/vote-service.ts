import { type DescMessage, type MessageInitShape, type MessageShape, toBinary } from '@bufbuild/protobuf';
import {
  Code,
  ConnectError,
  type ContextKey,
  createContextKey,
  type HandlerContext,
  type ServiceImpl,
} from '@connectrpc/connect';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import {
  CastVoteRequestSchema,
  CastVotesRequestSchema,
  type StreamVotesRequest,
  StreamVotesRequestSchema,
  type VoteService,
  type WatchResultsResponseSchema,
} from '../../../proto/gen/votewire/v1/service_pb.ts';
import type { Vote } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import type { RequestView } from '../../admission/views/request-view.ts';
import type { CastManyOutcome, CastOutcome } from '../../vote/ingress.ts';
import { Transport } from '../../vote/transport.ts';
import { RECEIPT_STATUS } from '../messages/cast-vote-response.ts';
import { problemError } from '../problem-status.ts';
import { contestMessage } from '../results/contest-message.ts';
import { latestValue } from '../results/latest-value.ts';
import type { ResultsFeed, ResultsOutcome } from '../results/results-feed.ts';
import { resultsMessage } from '../results/results-message.ts';
import { castVote } from './cast-vote.ts';
import { castVotes, listRejected } from './cast-votes.ts';
import { ConnectStream } from './connect-stream.ts';
import { VoteStream } from './stream-votes.ts';
import type { VoteCaller, VoteServiceDeps } from './vote-service-deps.ts';

/** Where a handler finds the request that its call came in. */
export const REQUEST: ContextKey<RequestView> = createContextKey<RequestView>({ peer: '', header: () => undefined });

/**
 * VoteService for Connect's router: the Connect protocol, gRPC-Web, gRPC with JSON, and the RPCs that are not hot. A
 * parsed message is serialized again and goes through the same handlers and codec as all others: one set of rules.
 */
export function voteService(deps: VoteServiceDeps, feed: ResultsFeed): ServiceImpl<typeof VoteService> {
  return {
    async castVote(request, context) {
      throwIfOver(context);
      rejectReplaced(context, request.vote === undefined ? [request] : [request.vote]);
      const message = serialize(CastVoteRequestSchema, request);
      const outcome = await new Promise<CastOutcome>((done) => castVote(deps, callerOf(context), message, done));
      if (!outcome.ok) throw problemError(outcome.problem);
      return { receipt: outcome.receipt, status: RECEIPT_STATUS[outcome.status] };
    },

    async castVotes(request, context) {
      throwIfOver(context);
      rejectReplaced(context, request.votes);
      const message = serialize(CastVotesRequestSchema, request);
      const outcome = await new Promise<CastManyOutcome>((done) => castVotes(deps, callerOf(context), message, done));
      if (!outcome.ok) throw problemError(outcome.problem);
      const [rejected, omitted] = listRejected(outcome.rejected);
      return { accepted: outcome.accepted, rejected: rejected.map((vote) => ({ ...vote })), omitted };
    },

    streamVotes(requests, context) {
      const peer = new ConnectStream();
      const stream = new VoteStream(deps, callerOf(context), peer);
      const { signal } = context;
      signal.addEventListener('abort', () => {
        if (isShutdown(signal.reason)) return stream.stop();
        stream.cancel();
        peer.failWith(abortReason(signal));
      });
      void peer.read(serializeAll(requests, context), stream);
      return peer.responses(stream);
    },

    listContests(_request, context) {
      const read = deps.admission.admitRead(context.values.get(REQUEST));
      if (read !== undefined && 'code' in read) throw problemError(read);
      const now = feed.now();
      return { contests: feed.contests().map((contest) => contestMessage(contest, now)) };
    },

    async getResults({ contest }, context) {
      const read = deps.admission.admitRead(context.values.get(REQUEST));
      if (read !== undefined && 'code' in read) throw problemError(read);
      return { results: resultsMessage(resultsOrThrow(await feed.read(contest))) };
    },

    async *watchResults({ contest }, context): AsyncGenerator<MessageInitShape<typeof WatchResultsResponseSchema>> {
      const release = deps.admission.admitWatch(context.values.get(REQUEST));
      if (typeof release !== 'function') throw problemError(release);
      const { signal } = context;
      try {
        const outcomes = latestValue<ResultsOutcome>(signal, (show) => feed.watch(contest, signal, show));
        for await (const outcome of outcomes) yield { results: resultsMessage(resultsOrThrow(outcome)) };
      } finally {
        release();
      }
      // Only the signal ends it; OK would say that the contest has no more results.
      throw abortReason(signal);
    },
  };
}

/** gRPC calls arrive here too if they are not plain protobuf, or with INGRESS=framework. */
function callerOf(context: HandlerContext): VoteCaller {
  const transport = context.protocolName === 'grpc' ? Transport.GRPC : Transport.CONNECT;
  return { request: context.values.get(REQUEST), transport };
}

function abortReason({ reason }: AbortSignal): unknown {
  if (!(reason instanceof ConnectError) || reason.code !== Code.DeadlineExceeded) return reason;
  return problemError({ code: ErrorCode.DEADLINE_EXCEEDED, detail: reason.rawMessage });
}

/** A deadline of 0 has passed before the call began. */
function throwIfOver({ signal }: HandlerContext): void {
  if (signal.aborted) throw abortReason(signal);
}

/** The shutdown signal is the only one that aborts calls with UNAVAILABLE. */
function isShutdown(reason: unknown): boolean {
  return reason instanceof ConnectError && reason.code === Code.Unavailable;
}

function resultsOrThrow(outcome: ResultsOutcome) {
  if (!outcome.ok) throw problemError(outcome.problem);
  return outcome.results;
}

/** Without unknown fields: they are never stored. */
function serialize<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): Uint8Array {
  return toBinary(schema, message, { writeUnknownFields: false });
}

async function* serializeAll(requests: AsyncIterable<StreamVotesRequest>, context: HandlerContext) {
  for await (const request of requests) {
    rejectReplaced(context, request.votes);
    yield serialize(StreamVotesRequestSchema, request);
  }
}

/**
 * Connect decodes JSON with U+FFFD for invalid UTF-8, which would make one voter of several. Every other transport rejects
 * such bytes.
 */
function rejectReplaced(
  context: HandlerContext,
  votes: readonly Pick<Vote, 'voter' | 'voteId' | 'attributes'>[],
): void {
  if (!/json/i.test(context.requestHeader.get('content-type') ?? '')) return;
  const isReplaced = votes.some(({ voter, voteId, attributes }) =>
    `${voter}${voteId}${Object.values(attributes).join('')}`.includes('\ufffd'),
  );
  if (isReplaced) throw problemError({ code: ErrorCode.INVALID_UTF8, detail: 'Invalid UTF-8 in the message' });
}
