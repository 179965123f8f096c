import { isProblem } from '../../../http/problem.ts';
import { MAX_VOTE_BYTES } from '../../../wasm/limits.ts';
import type { CastOutcome } from '../../vote/ingress.ts';
import { nestFlatVote } from '../messages/nest-flat-vote.ts';
import type { VoteCaller, VoteServiceDeps } from './vote-service-deps.ts';

/** Bytes that a CastVoteRequest adds to its vote: two tags, a length and `wait`, with room for longer encodings. */
const ENVELOPE_BYTES = 16;
export const MAX_CAST_VOTE_BYTES = MAX_VOTE_BYTES + ENVELOPE_BYTES;

/** CastVote, on the bytes of a CastVoteRequest. `done` may be called before this returns. */
export function castVote(
  { ingress, codec, admission }: VoteServiceDeps,
  { request, transport }: VoteCaller,
  message: Uint8Array,
  done: (outcome: CastOutcome) => void,
): void {
  const sender = admission.admit(request, transport);
  if (isProblem(sender)) {
    done({ ok: false, problem: sender });
    return;
  }
  const encoded = codec.encodeCastVote(nestFlatVote(message));
  ingress.castOne(sender, encoded, encoded.wait, done);
}
