import type { Redis } from '../../../store/redis/redis.ts';
import { tallyKey, votersKey } from '../../../store/streams/keys.ts';
import type { Attempt } from '../load/attempt.ts';
import type { CheckOptions, Finding } from './findings.ts';
import type { Logged } from './logged.ts';
import { readHash } from './read-hash.ts';

const CONTEST = 'cats-vs-dogs';
const OPTIONS = ['cats', 'dogs'];

/** The vote that counts for a voter. */
interface EffectiveVote {
  readonly choice: string;
  readonly sequence: number;
  readonly partition: number;
}

/** By voter key in hex. */
type EffectiveVotes = ReadonlyMap<string, EffectiveVote>;

/** I1, I2, I5, I7 of the one-per-voter contest. */
export async function checkOnePerVoter(
  redis: Redis,
  options: CheckOptions,
  logged: Logged,
  violations: string[],
): Promise<Finding & { counted: number }> {
  const effective = new Map<string, EffectiveVote>();
  let counted = 0;
  let double = 0;
  for (let partition = 0; partition < options.partitions; partition++) {
    const perChoice = new Map<string, number>();
    for (const [voter, vote] of await readEffective(redis, partition)) {
      if (effective.has(voter)) violations.push(`I2: voter ${voter} has an effective vote in two partitions`);
      effective.set(voter, vote);
      perChoice.set(vote.choice, (perChoice.get(vote.choice) ?? 0) + 1);
    }
    const tally = await readHash(redis, tallyKey(partition, CONTEST));
    for (const choice of OPTIONS) {
      const count = Number(tally.get(choice) ?? 0);
      counted += count;
      const expected = perChoice.get(choice) ?? 0;
      if (count === expected) continue;
      double += Math.max(0, count - expected);
      violations.push(`I2: partition ${partition} counts ${count} for ${choice}, its voters add up to ${expected}`);
    }
  }
  for (const [voter, partition] of logged.partitionOf) {
    const counting = effective.get(voter)?.partition;
    if (counting === partition) continue;
    violations.push(`I3: voter ${voter} is in partition ${partition} of the log and in ${counting} of the tally`);
  }
  return { counted, double, lost: checkEffective(options, effective, violations) };
}

async function readEffective(redis: Redis, partition: number): Promise<EffectiveVotes> {
  const votes = new Map<string, EffectiveVote>();
  for (const [key, value] of await readHash(redis, votersKey(partition, CONTEST))) {
    const [choice = '', sequence = ''] = value.split(' ');
    votes.set(Buffer.from(key, 'latin1').toString('hex'), { choice, sequence: Number(sequence), partition });
  }
  return votes;
}

function checkEffective(options: CheckOptions, effective: EffectiveVotes, violations: string[]): number {
  const byVoter = Map.groupBy(
    options.attempts.filter((attempt) => attempt.contest === CONTEST),
    (attempt) => options.voterKey(attempt.voter),
  );
  let lost = 0;
  for (const [voter, attempts] of byVoter) lost += checkVoter(attempts, effective.get(voter), violations);
  for (const voter of effective.keys()) {
    if (!byVoter.has(voter)) violations.push(`I5: ${voter} has an effective vote and never voted`);
  }
  return lost;
}

/** Returns the number of lost acknowledged votes of the voter. */
function checkVoter(attempts: readonly Attempt[], vote: EffectiveVote | undefined, violations: string[]): number {
  const voter = attempts[0]?.voter;
  const acknowledged = attempts.filter((attempt) => attempt.outcome === 'ok');
  const latest = Math.max(0, ...acknowledged.map((attempt) => attempt.sequence));
  if (vote === undefined) {
    if (acknowledged.length > 0)
      violations.push(`I1: ${voter}: ${acknowledged.length} acknowledged votes, none counts`);
    return acknowledged.length;
  }
  const same = attempts.filter((attempt) => attempt.sequence === vote.sequence && attempt.choice === vote.choice);
  if (!same.some((attempt) => attempt.outcome === 'ok' || attempt.outcome === 'unknown')) {
    violations.push(`I5: ${voter}: ${vote.choice} ${vote.sequence} counts, and was never accepted`);
  }
  let lost = 0;
  const last = acknowledged.at(-1);
  const isCertain = attempts.every((attempt) => attempt.outcome === 'ok' || attempt.outcome === 'failed');
  if (latest === 0 && last !== undefined && isCertain && vote.choice !== last.choice) {
    // Without sequences the order of arrival decides: if a client awaits each answer, its last vote counts.
    lost++;
    violations.push(`I7: ${voter}: ${vote.choice} counts, the last acknowledged vote is for ${last.choice}`);
  }
  if (vote.sequence < latest) {
    lost++;
    violations.push(`I7: ${voter}: vote ${vote.sequence} counts, ${latest} was acknowledged`);
  }
  return lost;
}
