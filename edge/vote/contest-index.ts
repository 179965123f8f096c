import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import { type Contest, contestStatus } from '../../store/contests/contest.ts';
import type { ContestStore } from '../../store/contests/contest-store.ts';
import type { CodecTable, VoteCodec } from '../../wasm/codec.ts';
import type { Sender } from './ingress.ts';

/** Contests by their index in the codecs. */
export interface ContestIndex {
  /** Why this contest takes no votes from the sender now; undefined if it does. */
  problem(index: number, sender: Sender): Problem | undefined;
  idOf(index: number): string;
}

/** Updates the codecs and the index together when contests change, so that an index has the same meaning in both. */
export function createContestIndex(
  contests: Pick<ContestStore, 'list' | 'onChange'>,
  codecs: readonly VoteCodec[],
  options: {
    readonly partitions: number;
    readonly now: () => number;
    /** A contest opens by this clock and closes by `now`, so that the tally never marks an accepted vote as late. */
    readonly earliest: () => number;
  },
): ContestIndex {
  let list = contests.list();
  let opens = new Float64Array(0);
  let closes = new Float64Array(0);
  /** 1 for contests that were ever paused or reset; for others these times need no check. */
  let pausable = new Uint8Array(0);
  const update = () => {
    list = contests.list();
    opens = Float64Array.from(list, ({ opensAt }) =>
      opensAt === null ? Number.NEGATIVE_INFINITY : Date.parse(opensAt),
    );
    closes = Float64Array.from(list, ({ closesAt }) =>
      closesAt === null ? Number.POSITIVE_INFINITY : Date.parse(closesAt),
    );
    pausable = Uint8Array.from(list, ({ countsFrom, pauses }) => (countsFrom || pauses?.length ? 1 : 0));
    const table: CodecTable = {
      partitions: options.partitions,
      contests: list.map(({ id, rule, options: choices }) => ({ id, rule, options: choices.map((o) => o.id) })),
    };
    for (const codec of codecs) codec.configure(table);
  };
  update();
  contests.onChange(update);
  return {
    problem(index, sender) {
      const now = options.now();
      const contest = list[index];
      const earliest = options.earliest();
      if (contest !== undefined && now <= (closes[index] as number) && earliest >= (opens[index] as number)) {
        // Like the contest itself, a pause begins by one clock and ends by the other.
        const isPaused =
          pausable[index] === 1 &&
          (contestStatus(contest, now) === 'paused' || contestStatus(contest, earliest) === 'paused');
        return isPaused
          ? { code: ErrorCode.CONTEST_PAUSED, detail: `Contest ${contest.id} is paused` }
          : accessProblem(contest, sender);
      }
      if (contest === undefined) return { code: ErrorCode.UNKNOWN_CONTEST, detail: 'Unknown contest' };
      if (now > (closes[index] as number)) {
        return { code: ErrorCode.CONTEST_CLOSED, detail: `Contest ${contest.id} closed at ${contest.closesAt}` };
      }
      return { code: ErrorCode.CONTEST_NOT_OPEN, detail: `Contest ${contest.id} opens at ${contest.opensAt}` };
    },
    idOf: (index) => list[index]?.id ?? '',
  };
}

function accessProblem({ id, browsersOnly }: Contest, { browser, contests }: Sender): Problem | undefined {
  if (browsersOnly === true && !browser) {
    return { code: ErrorCode.FORBIDDEN, detail: `Contest ${id} accepts votes from its vote page only` };
  }
  if (contests === undefined || contests.has(id)) return undefined;
  return { code: ErrorCode.FORBIDDEN, detail: `This producer key is not valid for contest ${id}` };
}
