import { Path } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { MAX_BATCH_BYTES } from '../../../wasm/limits.ts';
import { problemStatus } from '../problem-status.ts';
import type { UnaryMethod } from '../transport/method.ts';
import { frameBatchResponse } from './batch-response.ts';
import { chargeQuota, takeQuota } from './quota.ts';
import type { VoteServiceDeps } from './vote-service-deps.ts';

/** CastVotes: a batch in, how many were stored and which were not out. */
export function castVotesMethod({ ingress, codec, limiter }: VoteServiceDeps): UnaryMethod {
  return {
    kind: 'unary',
    maxBytes: MAX_BATCH_BYTES,
    handle(message, call) {
      const refusal = takeQuota(limiter, call);
      if (refusal !== undefined) {
        call.fail(problemStatus(refusal));
        return;
      }
      const encoded = codec.encodeVotes(message);
      chargeQuota(limiter, call, encoded.count + encoded.rejected.length - 1);
      ingress.castMany(Path.GRPC, encoded, (outcome) => {
        if (outcome.ok) call.reply(frameBatchResponse(outcome.accepted, outcome.rejected));
        else call.fail(problemStatus(outcome.problem));
      });
    },
  };
}
