import { isBlank } from '../blank-vote.ts';
import type { LogEntryVote, LogQuery } from '../log-store.ts';
import type { PackedVotes } from '../packed-votes.ts';

/** A log query without paging. */
export type LogFilter = Omit<LogQuery, 'limit' | 'cursor'>;

/** True if the entry's path and time of receipt match. */
export function entryMatches(entry: { path: string; received: number }, filter: LogFilter): boolean {
  if (filter.path !== undefined && entry.path !== filter.path) return false;
  if (filter.since !== undefined && entry.received < filter.since.getTime()) return false;
  return filter.until === undefined || entry.received < filter.until.getTime();
}

/** True if a vote of a matching entry matches as well. */
export function voteMatches(vote: LogEntryVote, filter: LogFilter): boolean {
  if (isBlank(vote) || (filter.contest !== undefined && vote.contest !== filter.contest)) return false;
  if (filter.choice !== undefined && vote.choice !== filter.choice) return false;
  return filter.voter === undefined || Buffer.compare(vote.voter, filter.voter) === 0;
}

/** Indexes below `end` of the matching votes of a matching packed entry, in order. Reads only the columns. */
export function matchingVotes(packed: PackedVotes, filter: LogFilter, end = packed.count): number[] {
  const pairs = packed.pairs.map(
    (pair) =>
      !isBlank(pair) &&
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
