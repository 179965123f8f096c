import type { LogEntryVote, LogQuery } from './log-store.ts';
import type { PackedVotes } from './packed-votes.ts';

/** What a reader of the log asks for, without paging. */
export type LogFilter = Omit<LogQuery, 'limit' | 'cursor'>;

/** True where an entry as a whole can hold votes that match: its path and its time of receipt. */
export function entryMatches(entry: { path: string; received: number }, filter: LogFilter): boolean {
  if (filter.path !== undefined && entry.path !== filter.path) return false;
  if (filter.since !== undefined && entry.received < filter.since.getTime()) return false;
  return filter.until === undefined || entry.received < filter.until.getTime();
}

/** True where a vote of an entry that matches does so too. */
export function voteMatches(vote: LogEntryVote, filter: LogFilter): boolean {
  if (filter.contest !== undefined && vote.contest !== filter.contest) return false;
  if (filter.choice !== undefined && vote.choice !== filter.choice) return false;
  return filter.voter === undefined || Buffer.compare(vote.voter, filter.voter) === 0;
}

/** Places below `end` of the votes that match in a packed entry that does so, in order. Reads the columns alone. */
export function matchingVotes(packed: PackedVotes, filter: LogFilter, end = packed.count): number[] {
  const pairs = packed.pairs.map(
    (pair) =>
      (filter.contest === undefined || pair.contest === filter.contest) &&
      (filter.choice === undefined || pair.choice === filter.choice),
  );
  const matching: number[] = [];
  for (let index = 0; index < Math.min(end, packed.count); index++) {
    if (pairs[packed.pairOf(index)] !== true) continue;
    if (filter.voter !== undefined && !packed.isVoter(index, filter.voter)) continue;
    matching.push(index);
  }
  return matching;
}
