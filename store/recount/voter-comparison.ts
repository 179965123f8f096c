import type { Redis } from '../redis/redis.ts';
import { listOf, nullable, parseBytes, parseInteger, tupleOf } from '../redis/replies.ts';

const VOTERS_AT_ONCE = 1000;

/** Keys of a partition's table of voters and of the recount's. */
export interface VoterTables {
  readonly tally: string;
  readonly recounted: string;
}

/**
 * Finds the voters of the recount whose effective vote differs in the tally. This is slow, so it runs before the
 * freeze; `countDifferingVoters` checks them again during the freeze.
 */
export async function findDifferingVoters(redis: Redis, { tally, recounted }: VoterTables): Promise<Buffer[]> {
  const differing: Buffer[] = [];
  let cursor = '0';
  do {
    const scan = ['HSCAN', recounted, cursor, 'COUNT', `${VOTERS_AT_ONCE}`];
    const [next, fields] = await redis.sendBytes(recounted, scan, tupleOf(parseBytes, listOf(parseBytes)));
    const voters = fields.filter((_, index) => index % 2 === 0);
    const votes = await readVotes(redis, tally, voters);
    differing.push(...voters.filter((_, index) => !isSame(fields[2 * index + 1], votes[index])));
    cursor = next.toString();
  } while (cursor !== '0');
  return differing;
}

/** The number of voters whose effective vote differs or exists on one side only. Neither table may change meanwhile. */
export async function countDifferingVoters(
  redis: Redis,
  { tally, recounted }: VoterTables,
  suspects: readonly Buffer[],
): Promise<number> {
  let missing = 0;
  let other = 0;
  for (let from = 0; from < suspects.length; from += VOTERS_AT_ONCE) {
    const voters = suspects.slice(from, from + VOTERS_AT_ONCE);
    const [ours, theirs] = await Promise.all([readVotes(redis, recounted, voters), readVotes(redis, tally, voters)]);
    for (const [index, vote] of theirs.entries()) {
      if (vote === null) missing++;
      else if (!isSame(ours[index], vote)) other++;
    }
  }
  const [inTally, inRecount] = await Promise.all(
    [tally, recounted].map((key) => redis.send(key, ['HLEN', key], parseInteger)),
  );
  const onlyInTally = (inTally ?? 0) - ((inRecount ?? 0) - missing);
  return missing + other + onlyInTally;
}

async function readVotes(redis: Redis, key: string, voters: readonly Buffer[]): Promise<(Buffer | null)[]> {
  if (voters.length === 0) return [];
  return await redis.sendBytes(key, ['HMGET', key, ...voters], listOf(nullable(parseBytes)));
}

function isSame(a: Buffer | null | undefined, b: Buffer | null | undefined): boolean {
  return a && b ? a.equals(b) : a === b;
}
