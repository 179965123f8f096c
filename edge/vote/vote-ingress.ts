import type { Problem } from '../../http/problem.ts';
import type { Results } from '../../store/tally/results.ts';
import type { EncodedVotes, Rejection } from '../../wasm/codec.ts';
import type { Receipts } from '../receipts/receipt.ts';
import { rejectionMessage, rejectionProblem } from '../rejection/rejection-problem.ts';
import type { GroupCommit } from '../write/group-commit.ts';
import type { BatchOutcome, SubmitOutcome } from '../write/submit.ts';
import type { ContestIndex } from './contest-index.ts';
import type { CountWaiter } from './count-waiter.ts';
import type { EdgeCounters } from './counters.ts';
import type {
  CastEachOutcome,
  CastManyOutcome,
  CastOutcome,
  Ingress,
  ReceiptStatus,
  RejectedVote,
  Sender,
} from './ingress.ts';
import { notStoredProblem, unknownProblem } from './not-stored-problem.ts';
import { exceedsSequence, maxSequence, sequenceProblem } from './sequence-bound.ts';
import { Transport } from './transport.ts';

interface VoteIngressOptions {
  readonly contests: ContestIndex;
  readonly groupCommit: GroupCommit;
  readonly receipts: Receipts;
  readonly countWaiter: CountWaiter;
  readonly counters: EdgeCounters;
  /** Redis's clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** The current results of a contest; undefined if they are hidden or Redis is unavailable. */
  readonly resultsOf: (contest: string) => Promise<Results | undefined>;
}

interface Refused {
  readonly ok: false;
  readonly problem: Problem;
}

export class VoteIngress implements Ingress {
  readonly #options: VoteIngressOptions;
  /** One object for all calls, because the group commit reads it before `submit` returns. */
  readonly #vote = {
    transport: Transport.UNSPECIFIED as Transport,
    partition: 0,
    bytes: new Uint8Array(0),
    end: 0,
    notify: false,
  };

  constructor(options: VoteIngressOptions) {
    this.#options = options;
  }

  castOne(sender: Sender, encoded: EncodedVotes, wait: boolean, done: (outcome: CastOutcome) => void): void {
    if (encoded.failure === undefined) this.#submit(sender, encoded, 0, wait, done);
    else done(this.#refuseBody(sender, encoded.failure, encoded.body));
  }

  castEach(sender: Sender, encoded: EncodedVotes, done: (outcome: CastEachOutcome) => void): void {
    if (encoded.failure !== undefined) {
      done(this.#refuseBody(sender, encoded.failure, encoded.body));
      return;
    }
    const outcomes: CastOutcome[] = [];
    let missing = encoded.count + encoded.rejected.length;
    const settle = (index: number, outcome: CastOutcome) => {
      outcomes[index] = outcome;
      if (--missing === 0) done({ ok: true, outcomes });
    };
    for (const rejection of encoded.rejected) {
      settle(rejection.index, this.#refuseBody(sender, rejection, encoded.body));
    }
    for (let i = 0; i < encoded.count; i++) {
      const index = encoded.index[i] as number;
      this.#submit(sender, encoded, i, false, (outcome) => settle(index, outcome));
    }
  }

  #refuseBody({ transport }: Sender, rejection: Rejection, body: Uint8Array): Refused {
    this.#options.counters.of(transport).offered++;
    return this.#refuse(transport, rejectionProblem(rejection, body));
  }

  #refuse(transport: Transport, problem: Problem): Refused {
    this.#options.counters.rejected(transport, problem.code, 1);
    return { ok: false, problem };
  }

  /** Submits vote `i` of `encoded`, which is read before this returns. */
  #submit(sender: Sender, encoded: EncodedVotes, i: number, wait: boolean, done: (outcome: CastOutcome) => void): void {
    const { contests, groupCommit, counters } = this.#options;
    const { transport } = sender;
    const count = counters.of(transport);
    count.offered++;
    const contest = encoded.contest[i] as number;
    const start = i === 0 ? 0 : (encoded.ends[i - 1] as number);
    const end = encoded.ends[i] as number;
    const problem = contests.problem(contest, sender) ?? this.#sequenceProblem(encoded.bytes, start, end);
    if (problem !== undefined) {
      done(this.#refuse(transport, problem));
      return;
    }
    const vote = this.#vote;
    vote.transport = transport;
    vote.partition = encoded.partition[i] as number;
    vote.bytes = (start === 0 ? encoded.bytes : encoded.bytes.subarray(start)) as Uint8Array<ArrayBuffer>;
    vote.end = end - start;
    vote.notify = wait;
    const waitedFor = wait ? contests.idOf(contest) : '';
    groupCommit.submit(vote, (outcome) => {
      if (outcome.status === 'stored') {
        count.accepted++;
        this.#acknowledge(outcome, waitedFor, done);
      } else if (outcome.status === 'rejected') {
        done(this.#refuse(transport, notStoredProblem(outcome.reason)));
      } else {
        count.unknown++;
        done({ ok: false, problem: unknownProblem(outcome.detail) });
      }
    });
  }

  castMany(sender: Sender, encoded: EncodedVotes, done: (outcome: CastManyOutcome) => void): void {
    const { groupCommit, counters } = this.#options;
    const { transport } = sender;
    const count = counters.of(transport);
    count.offered += encoded.count + encoded.rejected.length;
    if (encoded.failure !== undefined) {
      count.offered++;
      const problem = rejectionProblem(encoded.failure, encoded.body);
      counters.rejected(transport, problem.code, 1);
      done({ ok: false, problem });
      return;
    }
    const rejected: RejectedVote[] = encoded.rejected.map((rejection) => {
      counters.rejected(transport, rejection.code, 1);
      return { index: rejection.index, code: rejection.code, message: rejectionMessage(rejection, encoded.body) };
    });
    const skipped = this.#reject(sender, encoded, rejected);
    if (rejected.length === encoded.count + encoded.rejected.length) {
      done({ ok: true, accepted: 0, rejected: rejected.sort(byIndex) });
      return;
    }
    // The codec reuses its arrays after this call, so the part that a partial failure needs is copied.
    const indexes = encoded.rejected.length > 0 ? encoded.index.slice(0, encoded.count) : undefined;
    groupCommit.submitBatch({ transport, encoded, ...(skipped && { skipped }) }, (outcome) => {
      count.accepted += outcome.stored;
      count.unknown += outcome.unknown;
      done(this.#manyOutcome(transport, outcome, rejected, indexes));
    });
  }

  #manyOutcome(
    transport: Transport,
    outcome: BatchOutcome,
    rejected: RejectedVote[],
    indexes: Uint32Array | undefined,
  ): CastManyOutcome {
    if (outcome.rejected.length > 0) {
      const problem = notStoredProblem(outcome.reason ?? 'unavailable');
      this.#options.counters.rejected(transport, problem.code, outcome.rejected.length);
      if (outcome.stored === 0 && outcome.unknown === 0) return { ok: false, problem };
      for (const i of outcome.rejected) {
        rejected.push({ index: indexes?.[i] ?? i, code: problem.code, message: problem.detail });
      }
    }
    if (outcome.unknown > 0) {
      const counts = `${outcome.stored} votes stored; the outcome of ${outcome.unknown} is unknown`;
      return { ok: false, problem: unknownProblem(outcome.detail, counts) };
    }
    return { ok: true, accepted: outcome.stored, rejected: rejected.sort(byIndex) };
  }

  /**
   * Marks votes of contests that accept none from the sender now, and votes whose sequence is out of bounds. Allocates
   * nothing if there are none, as in most batches.
   */
  #reject(sender: Sender, encoded: EncodedVotes, rejected: RejectedVote[]): Uint8Array | undefined {
    const { contests, counters } = this.#options;
    let skipped: Uint8Array | undefined;
    let checked = -1;
    let contestProblem: Problem | undefined;
    const now = this.#options.now();
    const max = maxSequence(now);
    for (let i = 0, start = 0; i < encoded.count; i++) {
      const end = encoded.ends[i] as number;
      const isAhead = exceedsSequence(encoded.bytes, start, end, max);
      start = end;
      const contest = encoded.contest[i] as number;
      if (contest !== checked) {
        contestProblem = contests.problem(contest, sender);
        checked = contest;
      }
      const problem = contestProblem ?? (isAhead ? sequenceProblem(now) : undefined);
      if (problem === undefined) continue;
      skipped ??= new Uint8Array(encoded.count);
      skipped[i] = 1;
      counters.rejected(sender.transport, problem.code, 1);
      rejected.push({ index: encoded.index[i] as number, code: problem.code, message: problem.detail });
    }
    return skipped;
  }

  #sequenceProblem(bytes: Uint8Array, start: number, end: number): Problem | undefined {
    const now = this.#options.now();
    return exceedsSequence(bytes, start, end, maxSequence(now)) ? sequenceProblem(now) : undefined;
  }

  #acknowledge(
    { partition, entryId, index }: Extract<SubmitOutcome, { status: 'stored' }>,
    waitedFor: string,
    done: (outcome: CastOutcome) => void,
  ): void {
    const { receipts, countWaiter, resultsOf } = this.#options;
    const receipt = receipts.issue(partition, entryId, index);
    if (waitedFor === '') {
      done({ ok: true, receipt, status: 'queued' });
      return;
    }
    const answer = (status: ReceiptStatus) => {
      if (status === 'queued') done({ ok: true, receipt, status });
      else {
        resultsOf(waitedFor).then((results) => done({ ok: true, receipt, status, ...(results && { results }) }));
      }
    };
    const place = receipts.read(receipt);
    if (place === undefined || !countWaiter.wait(place, answer)) answer('queued');
  }
}

function byIndex(a: RejectedVote, b: RejectedVote): number {
  return a.index - b.index;
}
