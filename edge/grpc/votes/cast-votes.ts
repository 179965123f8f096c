import { isProblem } from '../../../http/problem.ts';
import { type CastManyOutcome, MAX_LISTED_REJECTIONS, type RejectedVote } from '../../vote/ingress.ts';
import type { VoteCaller, VoteServiceDeps } from './vote-service-deps.ts';

/** CastVotes, on the bytes of a CastVotesRequest. `done` may be called before this returns. */
export function castVotes(
  { ingress, codec, admission }: VoteServiceDeps,
  { request, transport }: VoteCaller,
  message: Uint8Array,
  done: (outcome: CastManyOutcome) => void,
): void {
  const sender = admission.admit(request, transport);
  if (isProblem(sender)) {
    done({ ok: false, problem: sender });
    return;
  }
  const encoded = codec.encodeVotes(message);
  admission.charge(request, encoded.count + encoded.rejected.length);
  ingress.castMany(sender, encoded, done);
}

/** The rejected votes that a CastVotesResponse lists, and the number of omitted ones. */
export function listRejected(rejected: readonly RejectedVote[]): [listed: readonly RejectedVote[], omitted: number] {
  const omitted = Math.max(0, rejected.length - MAX_LISTED_REJECTIONS);
  return [omitted === 0 ? rejected : rejected.slice(0, MAX_LISTED_REJECTIONS), omitted];
}
