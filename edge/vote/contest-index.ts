import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { ContestStore } from '../../store/contests/contests.ts';
import type { CodecTable, VoteCodec } from '../../wasm/codec.ts';

/** Contests by the index that codecs give them. */
export interface ContestIndex {
  /** Why this contest takes no votes now; undefined if it does. */
  problem(index: number): Problem | undefined;
  idOf(index: number): string;
}

interface ContestIndexOptions {
  readonly partitions: number;
  /** Milliseconds since 1970 by Redis's clock. */
  readonly now: () => number;
  /** How far `now` may be off: votes this close to an opening or closing time pass. Default 0. */
  readonly toleranceMs?: number;
}

/** Keeps the codecs and the index up to date with the contests, together: an index means the same to both. */
export function createContestIndex(
  contests: Pick<ContestStore, 'list' | 'onChange'>,
  codecs: readonly VoteCodec[],
  options: ContestIndexOptions,
): ContestIndex {
  const { toleranceMs = 0 } = options;
  let list = contests.list();
  let opens = new Float64Array(0);
  let closes = new Float64Array(0);
  const update = () => {
    list = contests.list();
    opens = Float64Array.from(list, ({ opensAt }) =>
      opensAt === null ? Number.NEGATIVE_INFINITY : Date.parse(opensAt) - toleranceMs,
    );
    closes = Float64Array.from(list, ({ closesAt }) =>
      closesAt === null ? Number.POSITIVE_INFINITY : Date.parse(closesAt) + toleranceMs,
    );
    const table: CodecTable = {
      partitions: options.partitions,
      contests: list.map(({ id, rule, options: choices }) => ({ id, rule, options: choices.map((o) => o.id) })),
    };
    for (const codec of codecs) codec.configure(table);
  };
  update();
  contests.onChange(update);
  return {
    problem(index) {
      const now = options.now();
      const contest = list[index];
      if (contest !== undefined && now <= (closes[index] as number) && now >= (opens[index] as number))
        return undefined;
      if (contest === undefined) return { code: ErrorCode.UNKNOWN_CONTEST, detail: 'Unknown contest' };
      if (now > (closes[index] as number)) {
        return { code: ErrorCode.CONTEST_CLOSED, detail: `Contest ${contest.id} closed at ${contest.closesAt}` };
      }
      return { code: ErrorCode.CONTEST_NOT_OPEN, detail: `Contest ${contest.id} opens at ${contest.opensAt}` };
    },
    idOf: (index) => list[index]?.id ?? '',
  };
}
