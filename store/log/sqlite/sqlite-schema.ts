import type { DatabaseSync } from 'node:sqlite';
import { ConfigError } from '../../../config/config-error.ts';

/**
 * Steps from an empty file to the current schema; `PRAGMA user_version` is the number of completed steps. Append only.
 */
const MIGRATIONS: readonly string[] = [
  `
  -- One row per stream entry. Ids number the votes: entry \`id\` contains votes id to id + count - 1 of all votes ever
  -- logged, so a range of ids is a range of votes, independent of the entries' sizes.
  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams (id),
    ms INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    -- 0; above 0 for an entry that arrived again with different content.
    copy INTEGER NOT NULL,
    path INTEGER NOT NULL,
    received INTEGER NOT NULL,
    count INTEGER NOT NULL,
    edge TEXT NOT NULL,
    hash BLOB NOT NULL,
    -- See packed-votes.ts.
    votes BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX entries_by_key ON entries (stream, ms, seq, copy);
  CREATE INDEX entries_by_path ON entries (path, received, id);

  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    partition INTEGER NOT NULL,
    epoch TEXT NOT NULL,
    UNIQUE (partition, epoch)
  ) STRICT;

  -- Index by contest and choice: one row for each entry in which the pair occurs.
  CREATE TABLE pairs (
    id INTEGER PRIMARY KEY,
    contest TEXT NOT NULL,
    choice TEXT NOT NULL,
    UNIQUE (contest, choice)
  ) STRICT;
  CREATE TABLE entries_by_pair (
    pair INTEGER NOT NULL,
    received INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (pair, received, entry)
  ) STRICT, WITHOUT ROWID;

  -- First 4 bytes of a voter's key -> entry, in segments of 131,072 votes. Keys are random, so one tree over all keys
  -- would touch a page per vote; a segment has few pages, which stay cached. A reader does one lookup per segment.
  CREATE TABLE entries_by_voter (
    segment INTEGER NOT NULL,
    prefix INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (segment, prefix, entry)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE totals (next_id INTEGER NOT NULL, entries INTEGER NOT NULL, votes INTEGER NOT NULL) STRICT;
  INSERT INTO totals VALUES (0, 0, 0);
  `,
  `
  -- See voter-segments.ts, which also seals the segments of older files.
  DROP TABLE entries_by_voter;
  CREATE TABLE voter_segments (
    segment INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    voters BLOB NOT NULL,
    PRIMARY KEY (segment, bucket)
  ) STRICT, WITHOUT ROWID;
  -- Number of segments in voter_segments, counted from the first one.
  ALTER TABLE totals ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Pairs with the path: without it, a search for a rare contest and a rare path would read all entries of one of them.
  ALTER TABLE pairs RENAME TO pairs_of_any_path;
  ALTER TABLE entries_by_pair RENAME TO entries_by_pair_of_any_path;
  CREATE TABLE pairs (
    id INTEGER PRIMARY KEY,
    contest TEXT NOT NULL,
    choice TEXT NOT NULL,
    path INTEGER NOT NULL,
    UNIQUE (contest, choice, path)
  ) STRICT;
  CREATE TABLE entries_by_pair (
    pair INTEGER NOT NULL,
    received INTEGER NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (pair, received, entry)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO pairs (contest, choice, path) SELECT contest, choice, column1 FROM pairs_of_any_path, (VALUES (0), (1), (2));
  INSERT INTO entries_by_pair
    SELECT pairs.id, indexed.received, indexed.entry
    FROM entries_by_pair_of_any_path AS indexed
    JOIN entries ON entries.id = indexed.entry
    JOIN pairs_of_any_path AS former ON former.id = indexed.pair
    JOIN pairs USING (contest, choice, path);
  DROP TABLE entries_by_pair_of_any_path;
  DROP TABLE pairs_of_any_path;
  `,
];

/**
 * Prepares an open file: write-ahead log, full sync, current schema. Several processes may do this at once.
 *
 * @throws {ConfigError} if a newer Votewire wrote the file
 */
export function prepareSqlite(database: DatabaseSync): void {
  database.exec('PRAGMA journal_mode = WAL');
  // FULL: entries that are acknowledged as logged survive a power failure.
  // Checkpoints at 16 MB instead of 4, so that hot index pages are written back once for many commits.
  database.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864');
  if (versionOf(database) === MIGRATIONS.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Read again under the lock, because another process may have migrated the file.
    for (const step of MIGRATIONS.slice(checkedVersion(database))) database.exec(step);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function checkedVersion(database: DatabaseSync): number {
  const version = versionOf(database);
  if (version > MIGRATIONS.length) {
    throw new ConfigError(
      `The vote log in DATA_DIR has schema version ${version}, which a newer Votewire wrote; this one supports up to ` +
        `${MIGRATIONS.length}. Run that Votewire, restore a backup from before the upgrade, or set DATA_DIR to another folder`,
    );
  }
  return version;
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.user_version);
}
