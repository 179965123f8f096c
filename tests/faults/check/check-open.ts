import type { Redis } from '../../../store/redis/redis.ts';
import { tallyKey } from '../../../store/streams/keys.ts';
import type { CheckOptions, Finding } from './findings.ts';
import type { Logged } from './logged.ts';
import { readHash } from './read-hash.ts';

const CONTEST = 'bandas';

/** I1 and I2 of the open contest: every distinct vote_id that was accepted counts once. */
export async function checkOpen(
  redis: Redis,
  { attempts, partitions }: CheckOptions,
  logged: Logged,
  violations: string[],
): Promise<Finding & { counted: number }> {
  let counted = 0;
  for (let partition = 0; partition < partitions; partition++) {
    const tally = await readHash(redis, tallyKey(partition, CONTEST));
    for (const [option, count] of tally) if (!option.startsWith(':')) counted += Number(count);
  }
  const votes = attempts.filter((attempt) => attempt.contest === CONTEST && logged.times.has(attempt.id));
  // Each vote without a vote_id counts; duplicates in the log are checked elsewhere.
  const expected = new Set(votes.map((attempt) => attempt.voteId || attempt.id)).size;
  if (counted !== expected)
    violations.push(`I2: ${CONTEST} counts ${counted}, its log holds ${expected} distinct votes`);
  return { counted, lost: Math.max(0, expected - counted), double: Math.max(0, counted - expected) };
}
