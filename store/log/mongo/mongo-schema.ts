import { type Collection, type Db, type IndexDescription, MongoServerError } from 'mongodb';
import { ConfigError } from '../../../config/config-error.ts';
import { storeLog } from '../../store-log.ts';
import type { LogDocument } from './mongo-document.ts';

export const ENTRIES = 'entries';
const VOTES_VIEW = 'votes';
/** Holds one document, SCHEMA_ID, with the schema version that a process must support. */
const META = 'meta';
const SCHEMA_ID = 'schema';
/** 1: the documents of mongo-document.ts, with the indexes below. */
const MONGO_SCHEMA = 1;
const RETENTION_INDEX = 'retention';
const DAY_SECONDS = 86_400;

/** MongoDB's error codes: https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const INDEX_NOT_FOUND = [26, 27];
const INDEX_OPTIONS_CONFLICT = [85, 86];
const DUPLICATE_KEY = 11_000;
const NAMESPACE_NOT_FOUND = 26;
const NAMESPACE_EXISTS = 48;
/** The member is not the primary or is shutting down: ShutdownInProgress, PrimarySteppedDown, NotWritablePrimary … */
const CHANGES_OF_PRIMARY = [91, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436];

/** One index per filter of LogQuery, and one for contest with choice, each in the order of pages. */
const INDEXES: IndexDescription[] = [
  { name: 'time', key: { order: -1 } },
  { name: 'contest', key: { 'votes.contest': 1, order: -1 } },
  { name: 'choice', key: { 'votes.choice': 1, order: -1 } },
  { name: 'contest_choice', key: { 'votes.contest': 1, 'votes.choice': 1, order: -1 } },
  { name: 'voter', key: { 'votes.voter': 1, order: -1 } },
  { name: 'path', key: { path: 1, order: -1 } },
];

/** A view with one row per vote, for Compass and the shell. */
const VOTES_PIPELINE = [
  { $unwind: { path: '$votes', includeArrayIndex: 'index' } },
  // Excludes the places of removed votes.
  { $match: { 'votes.contest': { $ne: '' } } },
  {
    $project: {
      _id: { $concat: ['$_id', ':', { $toString: '$index' }] },
      contest: '$votes.contest',
      choice: '$votes.choice',
      voter: '$votes.voter',
      attributes: '$votes.attributes',
      voteId: '$votes.voteId',
      sequence: '$votes.sequence',
      path: 1,
      edge: 1,
      receivedAt: 1,
      partition: 1,
      entryId: 1,
    },
  },
];

/**
 * Creates or updates the indexes, the retention and the view `votes`. If the server rejects or lacks a feature, this
 * logs one line, because the log works without it. Rejects if the server is unreachable or no longer the primary.
 *
 * @throws {ConfigError} if a newer Votewire wrote the log
 */
export async function prepareMongo(database: Db, ttlDays: number): Promise<void> {
  await tryOrWarn('keep its schema version', () => checkSchema(database));
  const entries = database.collection<LogDocument>(ENTRIES);
  await tryOrWarn('create its indexes; filters will be slow', () => createMissingIndexes(entries));
  await tryOrWarn('set LOG_TTL_DAYS as an index', () => setRetention(database, entries, ttlDays));
  await tryOrWarn('create the view "votes"', () => makeView(database));
}

/** Checks the version; writes it to a log that has none. */
async function checkSchema(database: Db): Promise<void> {
  const meta = database.collection<{ _id: string; version: number }>(META);
  const stored = await meta.findOne({ _id: SCHEMA_ID });
  if (stored === null) {
    await unlessCode([DUPLICATE_KEY], () => meta.insertOne({ _id: SCHEMA_ID, version: MONGO_SCHEMA }));
  } else if (stored.version > MONGO_SCHEMA) {
    throw new ConfigError(
      `The vote log in MongoDB (MONGODB_URL) has schema version ${stored.version}, which a newer Votewire wrote; this one ` +
        `supports up to ${MONGO_SCHEMA}. Run that Votewire, or set MONGODB_URL to another database`,
    );
  }
}

/** Creates only missing indexes, one per command: FerretDB 1.24 crashes if a command names several existing ones. */
async function createMissingIndexes(entries: Collection<LogDocument>): Promise<void> {
  let names = new Set<string>();
  await unlessCode([NAMESPACE_NOT_FOUND], async () => {
    names = new Set((await entries.indexes()).map(({ name }) => name ?? ''));
  });
  for (const { key, ...options } of INDEXES) {
    if (!names.has(options.name ?? '')) await entries.createIndex(key, options);
  }
}

async function setRetention(database: Db, entries: Collection<LogDocument>, ttlDays: number): Promise<void> {
  if (ttlDays === 0) {
    await unlessCode(INDEX_NOT_FOUND, () => entries.dropIndex(RETENTION_INDEX));
    return;
  }
  const expireAfterSeconds = ttlDays * DAY_SECONDS;
  const make = () => entries.createIndex({ receivedAt: 1 }, { name: RETENTION_INDEX, expireAfterSeconds });
  const conflict = await unlessCode(INDEX_OPTIONS_CONFLICT, make);
  if (!conflict) return;
  await database.command({ collMod: ENTRIES, index: { name: RETENTION_INDEX, expireAfterSeconds } });
}

async function makeView(database: Db): Promise<void> {
  const view = { viewOn: ENTRIES, pipeline: VOTES_PIPELINE };
  const there = await unlessCode([NAMESPACE_EXISTS], () => database.createCollection(VOTES_VIEW, view));
  if (there) {
    await database.command({ collMod: VOTES_VIEW, ...view });
    return;
  }
  const [made] = await database.listCollections({ name: VOTES_VIEW }).toArray();
  if (made?.type !== 'view') {
    storeLog.warn('The server at MONGODB_URL does not support views: the log works without the view "votes".');
    await database.dropCollection(VOTES_VIEW);
  }
}

/** True if `action` failed with one of these codes. */
async function unlessCode(codes: readonly number[], action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return false;
  } catch (error) {
    if (error instanceof MongoServerError && codes.includes(Number(error.code))) return true;
    throw error;
  }
}

async function tryOrWarn(what: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    // Only an answer of the primary is final, for example that a right is missing. If the server is unreachable or no
    // longer the primary, the caller tries again.
    if (!(error instanceof MongoServerError) || CHANGES_OF_PRIMARY.includes(Number(error.code))) throw error;
    storeLog.warn(`The vote log in MongoDB could not ${what} (${error.message}).`);
  }
}
