import { Path } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { MAX_VOTE_BYTES } from '../../../wasm/limits.ts';
import { problemStatus } from '../problem-status.ts';
import type { UnaryMethod } from '../transport/method.ts';
import { frameCastVoteResponse } from './cast-vote-response.ts';
import { nestFlatVote } from './nest-flat-vote.ts';
import { takeQuota } from './quota.ts';
import type { VoteServiceDeps } from './vote-service-deps.ts';

/** What a CastVoteRequest may add to its vote: two tags, a length and `wait`, with some room for longer spellings. */
const ENVELOPE_BYTES = 16;
export const MAX_CAST_VOTE_BYTES = MAX_VOTE_BYTES + ENVELOPE_BYTES;

/** CastVote: one vote in, a receipt out. */
export function castVoteMethod({ ingress, codec, limiter }: VoteServiceDeps): UnaryMethod {
  return {
    kind: 'unary',
    maxBytes: MAX_CAST_VOTE_BYTES,
    handle(message, call) {
      const refusal = takeQuota(limiter, call);
      if (refusal !== undefined) {
        call.fail(problemStatus(refusal));
        return;
      }
      const encoded = codec.encodeCastVote(nestFlatVote(message));
      ingress.castOne(Path.GRPC, encoded, encoded.wait, (outcome) => {
        if (outcome.ok) call.reply(frameCastVoteResponse(outcome.receipt, outcome.status));
        else call.fail(problemStatus(outcome.problem));
      });
    },
  };
}
