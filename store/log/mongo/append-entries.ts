import type { Collection } from 'mongodb';
import type { AppendOutcome, EntryKey, LogEntry } from '../log-store.ts';
import { whyRefused } from '../why-refused.ts';
import { appendDocuments } from './mongo-append.ts';
import { type LogDocument, toDocument } from './mongo-document.ts';

/** Documents per insert: entries are at most 64 KiB, so this is at most 13 MB. */
const AT_ONCE = 200;
/** Votes per insert: each adds keys to several indexes, and an insert must finish well before the socket timeout. */
const VOTES_AT_ONCE = 10_000;

/** Stores entries in inserts of bounded size. Rejects if the outcome of an insert is unknown. */
export async function appendEntries(
  collection: Collection<LogDocument>,
  entries: readonly LogEntry[],
): Promise<AppendOutcome> {
  let stored = 0;
  let repeated = 0;
  const conflicting: EntryKey[] = [];
  const refused: { entry: EntryKey; reason: string }[] = [];
  for (const part of parts(entries)) {
    const documents: LogDocument[] = [];
    for (const entry of part) {
      const { partition, epoch, entryId } = entry;
      const reason = whyRefused(entry);
      if (reason === undefined) documents.push(toDocument(entry));
      else refused.push({ entry: { partition, epoch, entryId }, reason });
    }
    const outcome = await appendDocuments(collection, documents);
    stored += outcome.stored;
    repeated += outcome.repeated;
    conflicting.push(...outcome.conflicting);
    refused.push(...outcome.refused);
  }
  return { stored, repeated, conflicting, refused };
}

/** Splits entries into batches of one insert each. */
function* parts(entries: readonly LogEntry[]): Generator<readonly LogEntry[]> {
  let start = 0;
  let votes = 0;
  for (const [index, entry] of entries.entries()) {
    if (index > start && (index - start === AT_ONCE || votes + entry.votes.length > VOTES_AT_ONCE)) {
      yield entries.slice(start, index);
      start = index;
      votes = 0;
    }
    votes += entry.votes.length;
  }
  if (start < entries.length) yield entries.slice(start);
}
