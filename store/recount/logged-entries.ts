import type { LoggedVote } from '../log/log-store.ts';
import { compareEntryIds, type EntryId, parseEntryId } from '../streams/entry-id.ts';
import type { TallyVote } from '../tally/tally.ts';
import type { RecountEntry } from './recount-tables.ts';

/** Entries buffered per partition to restore the order of the stream. */
const WINDOW = 128;

/**
 * Regroups the votes of a scan into entries, in the order of the stream within each partition.
 *
 * A scan is ordered by the clocks of edges, the stream by Redis's clock, so neighboring entries may be swapped. The
 * order decides which of two votes with the same vote_id counts.
 */
export async function* loggedEntries(
  votes: AsyncIterable<LoggedVote>,
): AsyncGenerator<{ partition: number; entries: RecountEntry[] }> {
  const waiting = new Map<number, RecountEntry[]>();
  for await (const { partition, entry } of groupByEntry(votes)) {
    const entries = waiting.get(partition) ?? [];
    waiting.set(partition, entries);
    if (entries.push(entry) < 2 * WINDOW) continue;
    yield { partition, entries: entries.sort(byPosition).splice(0, WINDOW) };
  }
  for (const [partition, entries] of waiting) yield { partition, entries: entries.sort(byPosition) };
}

/** @param contest skips the votes of other contests; undefined: all votes are for one contest */
export async function* groupByEntry(
  votes: AsyncIterable<LoggedVote>,
  contest?: string,
): AsyncGenerator<{ partition: number; entry: RecountEntry }> {
  let open: { key: string; partition: number; epoch: string; position: EntryId; votes: TallyVote[] } | undefined;
  for await (const vote of votes) {
    if (contest !== undefined && vote.contest !== contest) continue;
    const key = `${vote.partition} ${vote.epoch} ${vote.entryId}`;
    // A repeated index belongs to the second copy of an entry, which arrived with different content.
    if (open?.key !== key || vote.index < open.votes.length) {
      if (open !== undefined) yield { partition: open.partition, entry: open };
      const position = parseEntryId(vote.entryId);
      if (position === undefined) throw new Error(`The log has an entry with the invalid id "${vote.entryId}".`);
      open = { key, partition: vote.partition, epoch: vote.epoch, position, votes: [] };
    }
    open.votes[vote.index] = vote;
  }
  if (open !== undefined) yield { partition: open.partition, entry: open };
}

function byPosition(a: RecountEntry, b: RecountEntry): number {
  return compareEntryIds(a.position, b.position);
}
