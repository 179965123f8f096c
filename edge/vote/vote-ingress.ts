import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { Results } from '../../store/tally/results.ts';
import type { EncodedVotes } from '../../wasm/codec.ts';
import type { Receipts } from '../receipts/receipt.ts';
import { rejectionMessage, rejectionProblem } from '../rejection/rejection-problem.ts';
import type { BatchOutcome, Producer, RefusedReason, SubmitOutcome } from '../write/producer.ts';
import type { ContestIndex } from './contest-index.ts';
import type { CountWaiter } from './count-waiter.ts';
import type { EdgeCounters } from './counters.ts';
import type { CastManyOutcome, CastOutcome, Ingress, ReceiptStatus, RejectedVote } from './ingress.ts';

export interface VoteIngressOptions {
  readonly board: ContestIndex;
  readonly producer: Producer;
  readonly receipts: Receipts;
  readonly watch: CountWaiter;
  readonly counters: EdgeCounters;
  /** Results of the contest with this index as they are now; undefined where they are hidden or Redis is away. */
  readonly resultsOf: (contest: string) => Promise<Results | undefined>;
}

/** The one implementation of Ingress. */
export function createVoteIngress(options: VoteIngressOptions): Ingress {
  return new VoteIngress(options);
}

class VoteIngress implements Ingress {
  readonly #options: VoteIngressOptions;
  /** One object for all calls: the producer reads it before it returns. */
  readonly #votes = {
    path: 0 as Path,
    partition: 0,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    count: 1,
    notify: false,
  };

  constructor(options: VoteIngressOptions) {
    this.#options = options;
  }

  castOne(path: Path, encoded: EncodedVotes, wait: boolean, done: (outcome: CastOutcome) => void): void {
    const { board, producer, counters } = this.#options;
    const count = counters.of(path);
    count.offered++;
    const contest = encoded.contest[0] as number;
    const problem =
      encoded.failure !== undefined ? rejectionProblem(encoded.failure, encoded.body) : board.refusal(contest);
    if (problem !== undefined) {
      counters.refused(path, problem.code, 1);
      done({ ok: false, problem });
      return;
    }
    const votes = this.#votes;
    votes.path = path;
    votes.partition = encoded.partition[0] as number;
    votes.bytes = encoded.bytes as Uint8Array<ArrayBuffer>;
    votes.end = encoded.ends[0] as number;
    votes.notify = wait;
    const contestId = wait ? board.idOf(contest) : '';
    producer.submit(votes, (outcome) => {
      if (outcome.status === 'stored') {
        count.accepted++;
        this.#answer(outcome, contestId, done);
      } else if (outcome.status === 'refused') {
        const refusal = refusedProblem(outcome.reason);
        counters.refused(path, refusal.code, 1);
        done({ ok: false, problem: refusal });
      } else {
        count.unknown++;
        done({ ok: false, problem: unknownProblem(outcome.detail) });
      }
    });
  }

  castMany(path: Path, encoded: EncodedVotes, done: (outcome: CastManyOutcome) => void): void {
    const { producer, counters } = this.#options;
    const count = counters.of(path);
    count.offered += encoded.count + encoded.rejected.length;
    if (encoded.failure !== undefined) {
      count.offered++;
      const problem = rejectionProblem(encoded.failure, encoded.body);
      counters.refused(path, problem.code, 1);
      done({ ok: false, problem });
      return;
    }
    const rejected: RejectedVote[] = encoded.rejected.map((rejection) => {
      counters.refused(path, rejection.code, 1);
      return { index: rejection.index, code: rejection.code, message: rejectionMessage(rejection, encoded.body) };
    });
    const skipped = this.#skipClosed(path, encoded, rejected);
    if (rejected.length === encoded.count + encoded.rejected.length) {
      done({ ok: true, accepted: 0, rejected: rejected.sort(byIndex) });
      return;
    }
    // The codec's arrays are its own again after this call; only what a partial failure needs is kept.
    const indexes = encoded.rejected.length > 0 ? encoded.index.slice(0, encoded.count) : undefined;
    producer.submitBatch({ path, encoded, ...(skipped && { skipped }) }, (outcome) => {
      count.accepted += outcome.stored;
      count.unknown += outcome.unknown;
      done(this.#manyOutcome(path, outcome, rejected, indexes));
    });
  }

  #manyOutcome(
    path: Path,
    outcome: BatchOutcome,
    rejected: RejectedVote[],
    indexes: Uint32Array | undefined,
  ): CastManyOutcome {
    if (outcome.refused.length > 0) {
      const problem = refusedProblem(outcome.reason ?? 'unavailable');
      this.#options.counters.refused(path, problem.code, outcome.refused.length);
      if (outcome.stored === 0 && outcome.unknown === 0) return { ok: false, problem };
      for (const i of outcome.refused) {
        rejected.push({ index: indexes?.[i] ?? i, code: problem.code, message: problem.detail });
      }
    }
    if (outcome.unknown > 0) {
      const some = `${outcome.stored} votes were stored, ${outcome.unknown} may be or not`;
      return { ok: false, problem: unknownProblem(`${some}: ${outcome.detail}`) };
    }
    return { ok: true, accepted: outcome.stored, rejected: rejected.sort(byIndex) };
  }

  /** Marks votes of contests that are not open. Most batches have none, and then nothing is allocated. */
  #skipClosed(path: Path, encoded: EncodedVotes, rejected: RejectedVote[]): Uint8Array | undefined {
    const { board, counters } = this.#options;
    let skipped: Uint8Array | undefined;
    let checked = -1;
    let problem: Problem | undefined;
    for (let i = 0; i < encoded.count; i++) {
      const contest = encoded.contest[i] as number;
      if (contest !== checked) {
        problem = board.refusal(contest);
        checked = contest;
      }
      if (problem === undefined) continue;
      skipped ??= new Uint8Array(encoded.count);
      skipped[i] = 1;
      counters.refused(path, problem.code, 1);
      rejected.push({ index: encoded.index[i] as number, code: problem.code, message: problem.detail });
    }
    return skipped;
  }

  #answer(
    stored: Extract<SubmitOutcome, { status: 'stored' }>,
    waitedFor: string,
    done: (outcome: CastOutcome) => void,
  ): void {
    const { receipts, watch, resultsOf } = this.#options;
    const { partition, entryId, index } = stored;
    const receipt = receipts.issue(partition, entryId, index);
    if (waitedFor === '') {
      done({ ok: true, receipt, status: 'queued' });
      return;
    }
    const settled = (status: ReceiptStatus) => {
      if (status === 'queued') done({ ok: true, receipt, status });
      else {
        resultsOf(waitedFor).then((results) => done({ ok: true, receipt, status, ...(results && { results }) }));
      }
    };
    const place = receipts.read(receipt);
    if (place === undefined || !watch.wait(place, settled)) settled('queued');
  }
}

function byIndex(a: RejectedVote, b: RejectedVote): number {
  return a.index - b.index;
}

function refusedProblem(reason: RefusedReason): Problem {
  if (reason === 'stopping') {
    const detail = 'This edge is stopping. The vote was not stored: send it again';
    return { code: ErrorCode.SHUTTING_DOWN, detail, retryAfter: 1 };
  }
  if (reason === 'overloaded') {
    const detail = 'More votes wait to be written or counted than may. The vote was not stored: send it again later';
    return { code: ErrorCode.OVERLOADED, detail, retryAfter: 2 };
  }
  const detail = 'Redis is away. The vote was not stored: send it again';
  return { code: ErrorCode.STORE_UNAVAILABLE, detail, retryAfter: 1 };
}

function unknownProblem(detail: string): Problem {
  return {
    code: ErrorCode.STORE_UNAVAILABLE,
    detail: `Whether the vote was stored is unknown: ${detail}. Sending it again with the same voter and sequence, or the same vote_id, is harmless`,
    retryAfter: 1,
  };
}
