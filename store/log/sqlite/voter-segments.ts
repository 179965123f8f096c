import type { DatabaseSync } from 'node:sqlite';
import { PackedVotes } from '../packed-votes.ts';

/** Votes per segment of the voter index. The file depends on it: a change needs a migration. */
export const VOTES_PER_SEGMENT = 16_384;
/** Segments sealed per transaction, so that appends do not wait long. More than one is due only after a migration. */
const SEALED_AT_ONCE = 8;

const BUCKETS = 256;
/** u32 prefix of the voter's key, u16 distance of the entry's id from the segment's first id; little-endian. */
const ROW_BYTES = 6;

/**
 * Writes the voter index: the first 4 bytes of each voter's key and the entry, in segments of votes. Keys are random,
 * so a row per vote costs as much as the rest of an append. Instead, a segment is written as a whole when it is
 * complete: 256 rows by the first byte of the key. Votes in an unsealed segment are found by reading its entries.
 */
export class VoterSegments {
  readonly #sql;

  constructor(database: DatabaseSync) {
    this.#sql = {
      entries: database.prepare('SELECT id, votes FROM entries WHERE id >= ? AND id < ?'),
      insert: database.prepare('INSERT INTO voter_segments VALUES (?, ?, ?)'),
      sealed: database.prepare('UPDATE totals SET sealed = ?'),
      removeOne: database.prepare('DELETE FROM voter_segments WHERE segment = ?'),
      remove: database.prepare('DELETE FROM voter_segments WHERE segment < ?'),
    };
  }

  /**
   * Seals complete segments.
   *
   * @param sealed number of segments that are already sealed
   * @param nextId all entries below this id have been written
   */
  seal(sealed: number, nextId: number): void {
    const end = Math.min(segmentOf(nextId), sealed + SEALED_AT_ONCE);
    for (let segment = sealed; segment < end; segment++) this.#seal(segment);
    if (end > sealed) this.#sql.sealed.run(end);
  }

  /** Rewrites a sealed segment after some of its votes were removed. */
  sealAgain(segment: number): void {
    this.#sql.removeOne.run(segment);
    this.#seal(segment);
  }

  /** Removes segments without entries. */
  removeBelow(firstId: number): void {
    this.#sql.remove.run(segmentOf(firstId));
  }

  #seal(segment: number): void {
    const first = segment * VOTES_PER_SEGMENT;
    const prefixes: number[] = [];
    const distances: number[] = [];
    const sizes = new Uint32Array(BUCKETS);
    for (const row of this.#sql.entries.iterate(first, first + VOTES_PER_SEGMENT)) {
      const packed = new PackedVotes(row.votes as Uint8Array);
      for (let vote = 0; vote < packed.count; vote++) {
        const prefix = packed.voterPrefix(vote);
        prefixes.push(prefix);
        distances.push(Number(row.id) - first);
        sizes[bucketOf(prefix)] = (sizes[bucketOf(prefix)] ?? 0) + ROW_BYTES;
      }
    }
    const buckets = Array.from(sizes, (size) => Buffer.allocUnsafe(size));
    sizes.fill(0);
    for (const [index, prefix] of prefixes.entries()) {
      const bucket = bucketOf(prefix);
      const at = sizes[bucket] ?? 0;
      buckets[bucket]?.writeUInt32LE(prefix, at);
      buckets[bucket]?.writeUInt16LE(distances[index] ?? 0, at + 4);
      sizes[bucket] = at + ROW_BYTES;
    }
    for (const [bucket, rows] of buckets.entries()) {
      if (rows.length > 0) this.#sql.insert.run(segment, bucket, rows);
    }
  }
}

export function segmentOf(id: number): number {
  return Math.floor(id / VOTES_PER_SEGMENT);
}

/** The row of a segment that contains the voters with this prefix. */
export function bucketOf(prefix: number): number {
  return prefix & (BUCKETS - 1);
}

/** Ids of entries that may have votes of voters with this prefix; `rows`: the row of `bucketOf(prefix)`. */
export function entriesInBucket(segment: number, rows: Uint8Array, prefix: number): Set<number> {
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  const ids = new Set<number>();
  for (let at = 0; at < rows.length; at += ROW_BYTES) {
    if (view.getUint32(at, true) === prefix) ids.add(segment * VOTES_PER_SEGMENT + view.getUint16(at + 4, true));
  }
  return ids;
}
