import { VoteService } from '../../../proto/gen/votewire/v1/service_pb.ts';
import { MAX_BATCH_BYTES } from '../../../wasm/limits.ts';
import { Transport } from '../../vote/transport.ts';
import { frameBatchResponse } from '../messages/batch-response.ts';
import { frameCastVoteResponse } from '../messages/cast-vote-response.ts';
import { problemStatus } from '../problem-status.ts';
import type { GrpcMethod, StreamMethod, UnaryMethod } from '../transport/method.ts';
import { castVote, MAX_CAST_VOTE_BYTES } from './cast-vote.ts';
import { castVotes, listRejected } from './cast-votes.ts';
import { VoteStream } from './stream-votes.ts';
import type { VoteServiceDeps } from './vote-service-deps.ts';

const BASE = `/${VoteService.typeName}/`;

/** The RPCs that accept votes, by path, for the gRPC transport: message bytes in, framed bytes out. */
export function grpcMethods(deps: VoteServiceDeps): Map<string, GrpcMethod> {
  return new Map<string, GrpcMethod>([
    ...unaryMethods(deps, Transport.GRPC),
    [`${BASE}StreamVotes`, streamVotesMethod(deps)],
  ]);
}

/** The unary RPCs among them, for the transport that votes are logged with. */
export function unaryMethods(deps: VoteServiceDeps, transport: Transport): [path: string, UnaryMethod][] {
  return [
    [`${BASE}CastVote`, castVoteMethod(deps, transport)],
    [`${BASE}CastVotes`, castVotesMethod(deps, transport)],
  ];
}

function castVoteMethod(deps: VoteServiceDeps, transport: Transport): UnaryMethod {
  return {
    kind: 'unary',
    maxBytes: MAX_CAST_VOTE_BYTES,
    handle(message, call) {
      castVote(deps, { request: call, transport }, message, (outcome) => {
        if (outcome.ok) call.reply(frameCastVoteResponse(outcome.receipt, outcome.status));
        else call.fail(problemStatus(outcome.problem));
      });
    },
  };
}

function castVotesMethod(deps: VoteServiceDeps, transport: Transport): UnaryMethod {
  return {
    kind: 'unary',
    maxBytes: MAX_BATCH_BYTES,
    handle(message, call) {
      castVotes(deps, { request: call, transport }, message, (outcome) => {
        if (outcome.ok) call.reply(frameBatchResponse(outcome.accepted, ...listRejected(outcome.rejected)));
        else call.fail(problemStatus(outcome.problem));
      });
    },
  };
}

export function streamVotesMethod(deps: VoteServiceDeps): StreamMethod {
  return {
    kind: 'stream',
    maxBytes: MAX_BATCH_BYTES,
    open(call) {
      const stream = new VoteStream(
        deps,
        { request: call, transport: Transport.GRPC },
        {
          acknowledge: (acknowledged, rejected) => call.write(frameBatchResponse(acknowledged, rejected)),
          pause: () => call.pause(),
          resume: () => call.resume(),
          finish: () => call.finish(),
          fail: (problem) => call.fail(problemStatus(problem)),
        },
      );
      return {
        message: (message) => stream.message(message),
        flush: () => stream.flush(),
        end: () => stream.end(),
        refuse: (status) => stream.close(() => call.fail(status)),
        drain: () => stream.drain(),
        cancel: () => stream.cancel(),
        stop: () => stream.stop(),
      };
    },
  };
}
