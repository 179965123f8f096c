import type { Redis } from '../redis/redis.ts';
import { listOf, parseText, recordOf, tupleOf } from '../redis/replies.ts';
import { claimsKey } from '../streams/keys.ts';

/** Records that one consumer claimed entries from another one that had stopped handling them. */
export interface ClaimRecord {
  /** Milliseconds since 1970, by Redis's clock. */
  readonly at: number;
  /** Unique among all claims. */
  readonly id: string;
  readonly by: string;
  readonly from: string;
  readonly entries: number;
}

/** The approximate number of claims that Redis keeps. */
const MAX_CLAIMS = 500;

/** Records one claim for each consumer in `owners`, the former owner of each claimed entry. */
export async function recordClaims(redis: Redis, by: string, owners: readonly string[]): Promise<void> {
  const counts = new Map<string, number>();
  for (const owner of owners) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  for (const [from, entries] of counts) {
    const fields = ['by', by, 'from', from, 'entries', `${entries}`];
    await redis.send(claimsKey, ['XADD', claimsKey, 'MAXLEN', '~', `${MAX_CLAIMS}`, '*', ...fields]);
  }
}

const parseRows = listOf(tupleOf(parseText, recordOf(parseText)));

/** The latest claims, newest first. */
export async function readClaims(redis: Redis): Promise<ClaimRecord[]> {
  const rows = await redis.send(claimsKey, ['XREVRANGE', claimsKey, '+', '-', 'COUNT', '200'], parseRows);
  return rows.map(([id, { by = '', from = '', entries = '0' }]) => ({
    at: Number.parseInt(id, 10),
    id,
    by,
    from,
    entries: Number(entries),
  }));
}
