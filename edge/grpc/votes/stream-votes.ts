import type { Problem } from '../../../http/problem.ts';
import { isProblem } from '../../../http/problem.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { MAX_BATCH_VOTES } from '../../../wasm/limits.ts';
import type { CastManyOutcome, RejectedVote } from '../../vote/ingress.ts';
import { countVotes } from '../messages/count-votes.ts';
import type { VoteCaller, VoteServiceDeps } from './vote-service-deps.ts';

/** A stream with this many unacknowledged votes is not read further. */
const MAX_UNACKNOWLEDGED = 4 * MAX_BATCH_VOTES;
/** Messages that arrive together go to the codec as one, up to this size. */
const MAX_MERGED_BYTES = 64 * 1024;

/** The caller's end of a vote stream, whatever protocol it speaks. */
export interface VoteStreamPeer {
  /**
   * Sends a StreamVotesResponse. `rejected` holds the votes rejected since the last one; their indexes count from the
   * start of the stream. False: wait for `drain` before the next one.
   */
  acknowledge(acknowledged: number, rejected: readonly RejectedVote[]): boolean;
  /** Delivers no further messages until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends the call with OK. */
  finish(): void;
  fail(problem: Problem): void;
}

/** Votes that went to the ingress together. */
interface Batch {
  /** Position of its first vote in the stream. */
  readonly base: number;
  readonly count: number;
  outcome: CastManyOutcome | undefined;
}

/** StreamVotes: votes for as long as the caller sends them, acknowledged in order, many at a time. */
export class VoteStream {
  readonly #deps: VoteServiceDeps;
  readonly #caller: VoteCaller;
  readonly #peer: VoteStreamPeer;
  /** Messages waiting for the rest of their chunk. */
  #merging: Uint8Array[] = [];
  #mergingBytes = 0;
  #mergingVotes = 0;
  #received = 0;
  /** Unacknowledged batches, in order; those before `#head` are done. */
  #batches: Batch[] = [];
  #head = 0;
  /** Number of votes at the front of the stream that have an outcome. */
  #acknowledged = 0;
  /** Number of votes acknowledged by the last response. */
  #sent = 0;
  #rejected: { readonly base: number; readonly votes: readonly RejectedVote[] }[] = [];
  #blocked = false;
  #paused = false;
  #scheduled = false;
  #over = false;
  /** True if a message was malformed; nothing after it is parsed. */
  #broken = false;
  /** How the stream ends once every batch has an outcome; undefined: it continues. */
  #ending: (() => void) | undefined;

  constructor(deps: VoteServiceDeps, caller: VoteCaller, peer: VoteStreamPeer) {
    this.#deps = deps;
    this.#caller = caller;
    this.#peer = peer;
  }

  /** A StreamVotesRequest arrived; its bytes stay valid. */
  message(message: Uint8Array): void {
    if (this.#broken || this.#ending !== undefined) return;
    const votes = countVotes(message);
    if (votes === undefined) {
      // The message has unknown fields or is malformed, so it must not be merged with the next one.
      this.flush();
      this.#cast(message, undefined);
      return;
    }
    if (this.#mergingBytes + message.length > MAX_MERGED_BYTES || this.#mergingVotes + votes > MAX_BATCH_VOTES) {
      this.flush();
    }
    this.#merging.push(message);
    this.#mergingBytes += message.length;
    this.#mergingVotes += votes;
  }

  /** Submits the merged messages; called when no further message has arrived with the last one. */
  flush(): void {
    const messages = this.#merging;
    if (messages.length === 0) return;
    const votes = this.#mergingVotes;
    // Concatenated messages with one repeated field are one message with all elements.
    const merged = messages.length === 1 ? messages[0] : Buffer.concat(messages, this.#mergingBytes);
    this.#merging = [];
    this.#mergingBytes = 0;
    this.#mergingVotes = 0;
    if (merged !== undefined && this.#ending === undefined) this.#cast(merged, votes);
  }

  /** The caller has sent everything. */
  end(): void {
    this.close(() => this.#peer.finish());
  }

  /** Accepts nothing more; calls `end` once every vote so far is acknowledged. */
  close(end: () => void): void {
    this.flush();
    this.#ending ??= end;
    this.#advance();
  }

  /** Called when the server stops. */
  stop(): void {
    this.#peer.pause();
    this.close(() => this.#peer.fail(STOPPING));
  }

  /** The peer can be written to again. */
  drain(): void {
    this.#blocked = false;
    this.#advance();
  }

  /** The caller has left. */
  cancel(): void {
    this.#over = true;
  }

  #cast(message: Uint8Array, votes: number | undefined): void {
    const { ingress, codec, admission } = this.#deps;
    const { request, transport } = this.#caller;
    const sender = admission.admit(request, transport);
    if (isProblem(sender)) {
      // Votes before this one are still acknowledged; then the stream ends.
      this.#peer.pause();
      this.#ending ??= () => this.#peer.fail(sender);
      this.#schedule();
      return;
    }
    const encoded = codec.encodeVotes(message);
    this.#broken = encoded.failure !== undefined;
    const count = votes ?? encoded.count + encoded.rejected.length;
    admission.charge(request, count);
    const batch: Batch = { base: this.#received, count, outcome: undefined };
    this.#received += count;
    this.#batches.push(batch);
    ingress.castMany(sender, encoded, (outcome) => {
      batch.outcome = outcome;
      this.#schedule();
    });
    if (this.#received - this.#sent > MAX_UNACKNOWLEDGED) {
      this.#paused = true;
      this.#peer.pause();
    }
  }

  /** Outcomes of one turn of the event loop share a response. */
  #schedule(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#advance();
    });
  }

  /** Acknowledges batches that have an outcome, and ends the stream if it is to end and no batch is left. */
  #advance(): void {
    if (this.#over) return;
    this.#passCompleted();
    this.#acknowledge();
    if (this.#ending !== undefined && this.#head === this.#batches.length) {
      this.#over = true;
      this.#ending();
    } else if (this.#paused && this.#received - this.#sent <= MAX_UNACKNOWLEDGED / 2) {
      this.#paused = false;
      this.#peer.resume();
    }
  }

  /** Removes the batches at the front that have an outcome. A batch that failed as a whole ends the stream there. */
  #passCompleted(): void {
    for (let batch = this.#batches[this.#head]; batch?.outcome !== undefined; batch = this.#batches[this.#head]) {
      const { outcome } = batch;
      if (!outcome.ok) {
        this.#ending = () => this.#peer.fail(outcome.problem);
        this.#batches = [];
        this.#head = 0;
        return;
      }
      this.#acknowledged += batch.count;
      if (outcome.rejected.length > 0) this.#rejected.push({ base: batch.base, votes: outcome.rejected });
      this.#head++;
    }
    if (this.#head > 64) {
      this.#batches = this.#batches.slice(this.#head);
      this.#head = 0;
    }
  }

  #acknowledge(): void {
    // One unread response is enough, because the next one includes it.
    if (this.#acknowledged === this.#sent || (this.#blocked && this.#ending === undefined)) return;
    const rejected = this.#rejected.flatMap(({ base, votes }) =>
      votes.map(({ index, code, message }) => ({ index: base + index, code, message })),
    );
    this.#rejected = [];
    this.#sent = this.#acknowledged;
    this.#blocked = !this.#peer.acknowledge(this.#sent, rejected);
  }
}

const STOPPING: Problem = {
  code: ErrorCode.SHUTTING_DOWN,
  detail: 'This edge is stopping; send votes that were not acknowledged again, on a new connection',
};
