import { type Collection, MongoBulkWriteError, MongoInvalidArgumentError, type WriteError } from 'mongodb';
import type { AppendOutcome, EntryKey } from '../log-store.ts';
import { conflictDocument, type LogDocument } from './mongo-document.ts';

const DUPLICATE_KEY = 11_000;
/**
 * Permanent errors: BadValue, TypeMismatch, InvalidBSON, DocumentValidationFailure, BSONObjectTooLarge, index key too
 * long. All others are temporary.
 */
const REFUSALS = new Set([2, 14, 22, 121, 10_334, 17_280]);

/** Inserts documents independently: one failure does not affect the others. Rejects if the outcome is unknown. */
export async function appendDocuments(
  entries: Collection<LogDocument>,
  documents: readonly LogDocument[],
): Promise<AppendOutcome> {
  const inserted = await insert(entries, documents);
  const duplicates = await sortDuplicates(entries, inserted.duplicates);
  const conflicts = await insert(entries, duplicates.conflicting.map(conflictDocument));
  // A conflicting entry that is a duplicate was stored before, because its id ends with its content hash.
  const repeatedConflicts = new Set(conflicts.duplicates.map((document) => document.entryId));
  return {
    stored: inserted.stored,
    repeated: duplicates.repeated + conflicts.duplicates.length,
    conflicting: duplicates.conflicting.filter((each) => !repeatedConflicts.has(each.entryId)).map(keyOf),
    refused: [...inserted.refused, ...conflicts.refused],
  };
}

interface Inserted {
  readonly stored: number;
  readonly duplicates: readonly LogDocument[];
  readonly refused: AppendOutcome['refused'];
}

async function insert(entries: Collection<LogDocument>, documents: readonly LogDocument[]): Promise<Inserted> {
  if (documents.length === 0) return { stored: 0, duplicates: [], refused: [] };
  try {
    await entries.insertMany([...documents], { ordered: false });
    return { stored: documents.length, duplicates: [], refused: [] };
  } catch (error) {
    if (error instanceof MongoBulkWriteError) return sortErrors(error, documents);
    // The driver checks the sizes of all documents before it sends the first one.
    if (error instanceof MongoInvalidArgumentError) return insertOneByOne(entries, documents, error.message);
    throw error;
  }
}

async function insertOneByOne(
  entries: Collection<LogDocument>,
  documents: readonly LogDocument[],
  reason: string,
): Promise<Inserted> {
  const [only] = documents;
  if (documents.length === 1 && only !== undefined) {
    return { stored: 0, duplicates: [], refused: [{ entry: keyOf(only), reason }] };
  }
  let all: Inserted = { stored: 0, duplicates: [], refused: [] };
  for (const document of documents) {
    const one = await insert(entries, [document]);
    all = {
      stored: all.stored + one.stored,
      duplicates: [...all.duplicates, ...one.duplicates],
      refused: [...all.refused, ...one.refused],
    };
  }
  return all;
}

function sortErrors(error: MongoBulkWriteError, documents: readonly LogDocument[]): Inserted {
  // The documents are stored, but not as durably as requested: the caller must repeat the call.
  if (error.result.getWriteConcernError() !== undefined) throw error;
  const errors: WriteError[] = [error.writeErrors].flat();
  if (errors.length === 0) throw error;
  const duplicates: LogDocument[] = [];
  const refused: { entry: EntryKey; reason: string }[] = [];
  for (const each of errors) {
    const document = documents[each.index];
    if (document === undefined) throw error;
    if (each.code === DUPLICATE_KEY) duplicates.push(document);
    else if (REFUSALS.has(each.code)) refused.push({ entry: keyOf(document), reason: each.errmsg ?? `${each.code}` });
    else throw error;
  }
  return { stored: documents.length - errors.length, duplicates, refused };
}

/** Separates repeated entries from those whose key exists with different content. */
async function sortDuplicates(
  entries: Collection<LogDocument>,
  duplicates: readonly LogDocument[],
): Promise<{ repeated: number; conflicting: LogDocument[] }> {
  if (duplicates.length === 0) return { repeated: 0, conflicting: [] };
  const ids = duplicates.map((document) => document._id);
  // Majority, because a failover can still roll back other documents.
  const options = { projection: { hash: 1 }, readConcern: { level: 'majority' } } as const;
  const found = await entries.find({ _id: { $in: ids } }, options).toArray();
  const hashes = new Map(found.map((document) => [document._id, document.hash]));
  const conflicting = duplicates.filter((document) => {
    const hash = hashes.get(document._id);
    if (hash === undefined)
      throw new Error(`Document ${document._id} exists, but cannot be read with majority read concern; retry`);
    return Buffer.compare(hash.value(), document.hash.value()) !== 0;
  });
  return { repeated: duplicates.length - conflicting.length, conflicting };
}

function keyOf({ partition, epoch, entryId }: EntryKey): EntryKey {
  return { partition, epoch, entryId };
}
