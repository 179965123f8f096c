import type { Problem } from '../../http/problem.ts';
import type { Results } from '../../store/tally/results.ts';
import type { EncodedVotes } from '../../wasm/codec.ts';
import type { Receipts } from '../receipts/receipt.ts';
import { rejectionMessage, rejectionProblem } from '../rejection/rejection-problem.ts';
import type { GroupCommit } from '../write/group-commit.ts';
import type { BatchOutcome, SubmitOutcome } from '../write/submit.ts';
import type { ContestIndex } from './contest-index.ts';
import type { CountWaiter } from './count-waiter.ts';
import type { EdgeCounters } from './counters.ts';
import type { CastManyOutcome, CastOutcome, Ingress, ReceiptStatus, RejectedVote, Sender } from './ingress.ts';
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
  /** Results of this contest as of now; undefined if they are hidden or Redis is unavailable. */
  readonly resultsOf: (contest: string) => Promise<Results | undefined>;
}

export class VoteIngress implements Ingress {
  readonly #options: VoteIngressOptions;
  /** One object for all calls: the group commit reads it before `submit` returns. */
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
    const { contests, groupCommit, counters } = this.#options;
    const { transport } = sender;
    const count = counters.of(transport);
    count.offered++;
    const contest = encoded.contest[0] as number;
    const problem =
      encoded.failure === undefined
        ? (contests.problem(contest, sender) ?? this.#sequenceProblem(encoded))
        : rejectionProblem(encoded.failure, encoded.body);
    if (problem !== undefined) {
      counters.rejected(transport, problem.code, 1);
      done({ ok: false, problem });
      return;
    }
    const vote = this.#vote;
    vote.transport = transport;
    vote.partition = encoded.partition[0] as number;
    vote.bytes = encoded.bytes as Uint8Array<ArrayBuffer>;
    vote.end = encoded.ends[0] as number;
    vote.notify = wait;
    const waitedFor = wait ? contests.idOf(contest) : '';
    groupCommit.submit(vote, (outcome) => {
      if (outcome.status === 'stored') {
        count.accepted++;
        this.#acknowledge(outcome, waitedFor, done);
      } else if (outcome.status === 'rejected') {
        const rejection = notStoredProblem(outcome.reason);
        counters.rejected(transport, rejection.code, 1);
        done({ ok: false, problem: rejection });
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
    // The codec reuses its arrays after this call; only what a partial failure needs is copied.
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
   * Marks votes of contests that take none from the sender now, and those whose sequence is out of bounds. Most batches
   * have no such vote, and then nothing is allocated.
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

  #sequenceProblem({ bytes, ends }: EncodedVotes): Problem | undefined {
    const now = this.#options.now();
    return exceedsSequence(bytes, 0, ends[0] as number, maxSequence(now)) ? sequenceProblem(now) : undefined;
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
