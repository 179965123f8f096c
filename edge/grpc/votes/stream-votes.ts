import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { Path } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_VOTES } from '../../../wasm/limits.ts';
import type { CastManyOutcome, RejectedVote } from '../../vote/ingress.ts';
import type { GrpcStatus } from '../framing/status.ts';
import { problemStatus } from '../problem-status.ts';
import type { StreamMethod, StreamReceiver } from '../transport/method.ts';
import type { StreamCall } from '../transport/stream-call.ts';
import { frameBatchResponse } from './batch-response.ts';
import { chargeQuota, takeQuota } from './quota.ts';
import type { VoteServiceDeps } from './vote-service-deps.ts';

/** Votes of one stream that may be without an acknowledgement before the stream is not read any further. */
const MAX_UNACKNOWLEDGED = 4 * MAX_BATCH_VOTES;
/** Messages that arrive together go to the codec as one, up to this. */
const MAX_MERGED_BYTES = 64 * 1024;

/** StreamVotes: votes for as long as the caller sends them, acknowledged in order, many at a time. */
export function streamVotesMethod(path: VoteServiceDeps): StreamMethod {
  return {
    kind: 'stream',
    maxBytes: MAX_BATCH_BYTES,
    open: (call) => new VoteStream(path, call),
  };
}

/** Votes that went to the ingress together. */
interface Batch {
  /** Place in the stream of the first vote. */
  readonly base: number;
  readonly count: number;
  outcome: CastManyOutcome | undefined;
}

class VoteStream implements StreamReceiver {
  readonly #path: VoteServiceDeps;
  readonly #call: StreamCall;
  /** Messages that wait for the rest of what arrived with them. */
  #merging: Buffer[] = [];
  #mergingBytes = 0;
  #mergingVotes = 0;
  #received = 0;
  /** Batches without an acknowledgement, in order; those before `#head` are done with. */
  #batches: Batch[] = [];
  #head = 0;
  #acknowledged = 0;
  /** What the last response said. */
  #told = 0;
  #rejected: { readonly base: number; readonly votes: readonly RejectedVote[] }[] = [];
  #blocked = false;
  #paused = false;
  #scheduled = false;
  #over = false;
  /** A message could not be read: what follows it is not looked at. */
  #broken = false;
  /** How the stream ends once every batch before has an outcome; undefined: it goes on. */
  #ending: GrpcStatus | 'ok' | undefined;

  constructor(path: VoteServiceDeps, call: StreamCall) {
    this.#path = path;
    this.#call = call;
  }

  message(message: Buffer): void {
    if (this.#broken || this.#ending !== undefined) return;
    const votes = countVotes(message);
    if (votes === undefined) {
      // Something else is in it, or it is broken: nothing of it may run over into the next message.
      this.flush();
      this.#cast(message, undefined);
      return;
    }
    if (this.#mergingBytes + message.length > MAX_MERGED_BYTES || this.#mergingVotes + votes > MAX_BATCH_VOTES)
      this.flush();
    this.#merging.push(message);
    this.#mergingBytes += message.length;
    this.#mergingVotes += votes;
  }

  flush(): void {
    const messages = this.#merging;
    if (messages.length === 0) return;
    const votes = this.#mergingVotes;
    // Messages of one repeated field, one behind the other, are one message with all their elements.
    const merged = messages.length === 1 ? messages[0] : Buffer.concat(messages, this.#mergingBytes);
    this.#merging = [];
    this.#mergingBytes = 0;
    this.#mergingVotes = 0;
    if (merged !== undefined && this.#ending === undefined) this.#cast(merged, votes);
  }

  end(): void {
    this.flush();
    this.#ending ??= 'ok';
    this.#settle();
  }

  refuse(status: GrpcStatus): void {
    this.flush();
    this.#ending ??= status;
    this.#settle();
  }

  stop(): void {
    this.#call.pause();
    this.#ending ??= problemStatus({
      code: ErrorCode.SHUTTING_DOWN,
      detail: 'The edge is stopping: votes that were not acknowledged have to be sent again, elsewhere',
    });
    this.#settle();
  }

  drain(): void {
    this.#blocked = false;
    this.#settle();
  }

  cancel(): void {
    this.#over = true;
  }

  #cast(message: Buffer, votes: number | undefined): void {
    const { ingress, codec, limiter } = this.#path;
    const refusal = takeQuota(limiter, this.#call);
    if (refusal !== undefined) {
      // What came before is still told of; then the stream ends.
      this.#call.pause();
      this.#ending ??= problemStatus(refusal);
      this.#schedule();
      return;
    }
    const encoded = codec.encodeVotes(message);
    this.#broken = encoded.failure !== undefined;
    const count = votes ?? encoded.count + encoded.rejected.length;
    chargeQuota(limiter, this.#call, count - 1);
    const batch: Batch = { base: this.#received, count, outcome: undefined };
    this.#received += count;
    this.#batches.push(batch);
    ingress.castMany(Path.GRPC, encoded, (outcome) => {
      batch.outcome = outcome;
      this.#schedule();
    });
    if (this.#received - this.#told > MAX_UNACKNOWLEDGED) {
      this.#paused = true;
      this.#call.pause();
    }
  }

  /** Outcomes that come together are told together. */
  #schedule(): void {
    if (this.#scheduled || this.#over) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#settle();
    });
  }

  /** Acknowledges what has an outcome, and ends the stream if it is to end and nothing is left. */
  #settle(): void {
    if (this.#over) return;
    this.#advance();
    this.#tell();
    if (this.#ending !== undefined && this.#head === this.#batches.length) {
      this.#over = true;
      if (this.#ending === 'ok') this.#call.finish();
      else this.#call.fail(this.#ending);
    } else if (this.#paused && this.#received - this.#told <= MAX_UNACKNOWLEDGED / 2) {
      this.#paused = false;
      this.#call.resume();
    }
  }

  /** Goes past the batches at the front that have an outcome. One that failed as a whole ends the stream there. */
  #advance(): void {
    for (let batch = this.#batches[this.#head]; batch?.outcome !== undefined; batch = this.#batches[this.#head]) {
      if (!batch.outcome.ok) {
        this.#ending = problemStatus(batch.outcome.problem);
        this.#batches = [];
        this.#head = 0;
        return;
      }
      this.#acknowledged += batch.count;
      if (batch.outcome.rejected.length > 0) this.#rejected.push({ base: batch.base, votes: batch.outcome.rejected });
      this.#head++;
    }
    if (this.#head > 64) {
      this.#batches = this.#batches.slice(this.#head);
      this.#head = 0;
    }
  }

  #tell(): void {
    // While the caller does not read, one response in the buffer is enough: the next one says more.
    if (this.#acknowledged === this.#told || (this.#blocked && this.#ending === undefined)) return;
    const rejected = this.#rejected.flatMap(({ base, votes }) =>
      votes.map(({ index, code, message }) => ({ index: base + index, code, message })),
    );
    this.#rejected = [];
    this.#told = this.#acknowledged;
    this.#blocked = !this.#call.write(frameBatchResponse(this.#told, rejected));
  }
}

const VOTES = 0x0a; // field 1, length-delimited

/** How many votes a StreamVotesRequest holds; undefined where it holds anything else, or ends in the middle of one. */
function countVotes(message: Buffer): number | undefined {
  let votes = 0;
  let at = 0;
  while (at < message.length) {
    if (message[at++] !== VOTES) return undefined;
    let length = message[at++] ?? Number.POSITIVE_INFINITY;
    if (length > 0x7f) {
      // Longer spellings than two bytes are no vote's.
      const high = message[at++] ?? 0x80;
      if (high > 0x7f) return undefined;
      length = (length & 0x7f) | (high << 7);
    }
    at += length;
    votes++;
  }
  return at === message.length && votes > 0 ? votes : undefined;
}
