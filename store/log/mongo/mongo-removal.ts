import type { Collection } from 'mongodb';
import { parseEntryId } from '../../streams/entry-id.ts';
import { ReadDeadline } from '../reads/read-deadline.ts';
import { type LogDocument, orderAt, withoutContest } from './mongo-document.ts';
import { walkDocuments } from './walk-documents.ts';

const REMOVED_AT_ONCE = 500;
/** Maximum difference between the clocks of an edge and Redis. */
const MAX_CLOCK_DIFFERENCE_MS = 3_600_000;

/** Removes votes older than `time`. Returns the number of removed votes. */
export async function removeOlderThan(collection: Collection<LogDocument>, time: Date): Promise<number> {
  const older = { order: { $lt: orderAt(time.getTime()) } };
  let removed = 0;
  for (;;) {
    // In batches of ids: one delete of everything would exceed the socket timeout.
    const some = await collection
      .find(older, { projection: { count: 1 } })
      .sort({ order: 1 })
      .limit(REMOVED_AT_ONCE)
      .toArray();
    if (some.length === 0) return removed;
    await collection.deleteMany({ _id: { $in: some.map((document) => document._id) } });
    removed += some.reduce((votes, document) => votes + document.count, 0);
  }
}

/** Blanks the votes of a contest up to `upTo`. Returns the number of blanked votes. */
export async function removeContest(collection: Collection<LogDocument>, contest: string, upTo: Date): Promise<number> {
  // The clocks of edges and Redis may differ: the range of `order` is approximate, and the entry's id decides.
  const end = orderAt(upTo.getTime() + MAX_CLOCK_DIFFERENCE_MS);
  const deadline = new ReadDeadline();
  let removed = 0;
  for await (const document of walkDocuments(collection, { filter: { contest }, deadline, direction: 1, to: end })) {
    // Each document is progress.
    deadline.restart();
    const votes = withoutContest(document, contest);
    if (votes === undefined || (parseEntryId(document.entryId)?.ms ?? 0) > upTo.getTime()) continue;
    await collection.updateOne({ _id: { $eq: document._id } }, { $set: { votes } });
    removed += document.votes.filter((vote) => vote.contest === contest).length;
  }
  return removed;
}
