import type { EncodedVotes } from '../../wasm/codec.ts';
import { rejectionMessage, rejectionProblem } from '../rejection/rejection-problem.ts';
import type { ContestIndex } from '../vote/contest-index.ts';
import type { CastEachOutcome, CastManyOutcome, CastOutcome, Ingress, RejectedVote, Sender } from '../vote/ingress.ts';
import type { Upstream } from './upstream.ts';
import { VoteBatcher } from './vote-batcher.ts';

/** Field 1 of a CastVotesRequest, length-delimited. */
const VOTES_TAG = 0x0a;

/** An Ingress that forwards to another edge. Invalid votes and votes for closed contests do not leave the worker. */
export class ForwardingIngress implements Ingress {
  readonly #upstream: Upstream;
  readonly #contests: ContestIndex;
  readonly #batcher: VoteBatcher;

  constructor(upstream: Upstream, contests: ContestIndex) {
    this.#upstream = upstream;
    this.#contests = contests;
    this.#batcher = new VoteBatcher((batch) => upstream.castEach(batch));
  }

  castOne(sender: Sender, encoded: EncodedVotes, wait: boolean, done: (outcome: CastOutcome) => void): void {
    const problem =
      encoded.failure === undefined
        ? this.#contests.problem(encoded.contest[0] as number, sender)
        : rejectionProblem(encoded.failure, encoded.body);
    if (problem !== undefined) done({ ok: false, problem });
    else this.#castValid(frame(encoded, 0), wait).then(done);
  }

  castMany(sender: Sender, encoded: EncodedVotes, done: (outcome: CastManyOutcome) => void): void {
    if (encoded.failure !== undefined) {
      done({ ok: false, problem: rejectionProblem(encoded.failure, encoded.body) });
      return;
    }
    const { rejected, places, batch } = this.#split(sender, encoded);
    if (places.length === 0) {
      done({ ok: true, accepted: 0, rejected });
      return;
    }
    this.#upstream.castMany(batch).then((outcome) => {
      if (!outcome.ok) return done(outcome);
      const later = outcome.rejected.map((row) => ({ ...row, index: places[row.index] ?? row.index }));
      done({ ...outcome, rejected: [...rejected, ...later].sort((a, b) => a.index - b.index) });
    });
  }

  castEach(sender: Sender, encoded: EncodedVotes, done: (outcome: CastEachOutcome) => void): void {
    if (encoded.failure !== undefined) {
      done({ ok: false, problem: rejectionProblem(encoded.failure, encoded.body) });
      return;
    }
    const outcomes: (CastOutcome | Promise<CastOutcome>)[] = [];
    for (const rejection of encoded.rejected) {
      outcomes[rejection.index] = { ok: false, problem: rejectionProblem(rejection, encoded.body) };
    }
    for (let i = 0; i < encoded.count; i++) {
      const problem = this.#contests.problem(encoded.contest[i] as number, sender);
      outcomes[encoded.index[i] as number] =
        problem === undefined ? this.#batcher.cast(frame(encoded, i)) : { ok: false, problem };
    }
    Promise.all(outcomes).then((all) => done({ ok: true, outcomes: all }));
  }

  #castValid(framed: Uint8Array<ArrayBuffer>, wait: boolean): Promise<CastOutcome> {
    if (!wait) return this.#batcher.cast(framed);
    // Without its frame: one byte of tag, one or two of length.
    return this.#upstream.castWaiting(framed.slice((framed[1] as number) < 0x80 ? 2 : 3));
  }

  /** Separates votes to forward, with their positions in the body, from votes rejected here. */
  #split(
    sender: Sender,
    encoded: EncodedVotes,
  ): { rejected: RejectedVote[]; places: number[]; batch: Uint8Array<ArrayBuffer> } {
    const rejected: RejectedVote[] = encoded.rejected.map((row) => ({
      index: row.index,
      code: row.code,
      message: rejectionMessage(row, encoded.body),
    }));
    const places: number[] = [];
    const batch = new Uint8Array(encoded.ends[encoded.count - 1] ?? 0);
    let length = 0;
    for (let i = 0; i < encoded.count; i++) {
      const index = encoded.index[i] as number;
      const problem = this.#contests.problem(encoded.contest[i] as number, sender);
      if (problem === undefined) {
        const framed = frame(encoded, i);
        batch.set(framed, length);
        length += framed.length;
        places.push(index);
      } else {
        rejected.push({ index, code: problem.code, message: problem.detail });
      }
    }
    return { rejected: rejected.sort((a, b) => a.index - b.index), places, batch: batch.subarray(0, length) };
  }
}

/** Copies vote `i` as an element of a CastVotesRequest; the codec frames it for a VoteBatch, which has another tag. */
function frame({ bytes, ends }: EncodedVotes, i: number): Uint8Array<ArrayBuffer> {
  const framed = Uint8Array.from(bytes.subarray(i === 0 ? 0 : ends[i - 1], ends[i]));
  framed[0] = VOTES_TAG;
  return framed;
}
