import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SqliteReader } from './sqlite-reader.ts';
import { prepareSqlite } from './sqlite-schema.ts';
import { SqliteWriter } from './sqlite-writer.ts';

const BUSY_MS = 5000;

/**
 * The database file at a path. If the file is deleted, moved or replaced by a backup, an open connection keeps using
 * the old file, while new connections use the new one. So each use checks the identity of the file (1.7 µs) and reopens
 * it.
 */
export class SqliteFile {
  readonly #path: string;
  #database: DatabaseSync;
  #identity: string;
  #reader: SqliteReader | undefined;
  #writer: SqliteWriter | undefined;

  constructor(path: string) {
    this.#path = path;
    this.#database = this.#named(() => openDatabase(path));
    this.#identity = identityOf(path);
  }

  read<T>(use: (reader: SqliteReader) => T): T {
    if (this.#isMoved()) this.#named(() => this.#reopen());
    return this.#named(() => {
      this.#reader ??= new SqliteReader(this.#database);
      return use(this.#reader);
    });
  }

  /**
   * @throws {Error} if the path leads to another file before or after the write: other processes cannot see writes to
   * the old file. A repeat goes into the new one.
   */
  write<T>(use: (writer: SqliteWriter) => T): T {
    this.#refuseIfMoved();
    const result = this.#named(() => {
      this.#writer ??= new SqliteWriter(this.#database);
      return use(this.#writer);
    });
    this.#refuseIfMoved();
    return result;
  }

  close(): void {
    this.#database.close();
  }

  #refuseIfMoved(): void {
    if (!this.#isMoved()) return;
    this.#named(() => this.#reopen());
    throw new Error(
      `The vote log ${this.#path} was deleted, moved or replaced while it was open. It is reopened; votes that only the ` +
        'former file held are missing. Restore that file, or run: npm run recount -- --all',
    );
  }

  #isMoved(): boolean {
    return identityOf(this.#path) !== this.#identity;
  }

  #reopen(): void {
    // If the file was moved, SQLite does not touch the write-ahead log that is now at the path.
    if (this.#database.isOpen) this.#database.close();
    this.#reader = undefined;
    this.#writer = undefined;
    this.#database = openDatabase(this.#path);
    this.#identity = identityOf(this.#path);
  }

  /** Adds the file name to errors, because "database disk image is malformed" does not contain it. */
  #named<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Error) error.message = `${error.message} (${this.#path})`;
      throw error;
    }
  }
}

function openDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: BUSY_MS });
  prepareSqlite(database);
  return database;
}

/** Device and inode; empty if there is no file. */
function identityOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.dev} ${stat.ino}`;
}
