import type { CodecTable } from './codec.ts';
import { CHARACTER_CLASSES, CLASS_ID, CLASS_ID_FIRST, MAX_CHOICE_BYTES, MAX_CONTEST_BYTES } from './limits.ts';

export const MAX_PARTITIONS = 1024;
const MAX_CONTESTS = 0xffff;

/** A contest with the options that accept votes; `index` is its place in CodecTable.contests. */
export interface VotableContest {
  readonly index: number;
  readonly id: string;
  readonly open: boolean;
  readonly options: readonly string[];
}

/** The part of a table that accepts votes. Throws a RangeError if the table is out of range. */
export function votableContests(table: CodecTable): VotableContest[] {
  const { partitions, contests } = table;
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS) {
    throw new RangeError(`${partitions} partitions: 1 to ${MAX_PARTITIONS} are allowed`);
  }
  if (contests.length > MAX_CONTESTS) throw new RangeError(`${contests.length} contests: at most ${MAX_CONTESTS} fit`);
  return contests.flatMap((contest, index) => {
    if (!isId(contest.id, MAX_CONTEST_BYTES)) return [];
    const options = contest.options.filter((option) => isId(option, MAX_CHOICE_BYTES));
    return [{ index, id: contest.id, open: contest.rule === 'open', options }];
  });
}

function isId(text: string, maxBytes: number): boolean {
  if (text.length === 0 || text.length > maxBytes) return false;
  for (let at = 0; at < text.length; at++) {
    const bits = CHARACTER_CLASSES[text.charCodeAt(at)] ?? 0;
    if ((bits & (at === 0 ? CLASS_ID_FIRST : CLASS_ID)) === 0) return false;
  }
  return true;
}
