import type { LogStore } from '../../../store/log/log-store.ts';
import { openRedis, type Redis } from '../../../store/redis/redis.ts';
import { listOf, parseBytes } from '../../../store/redis/replies.ts';
import { listDeadLetters } from '../../../store/streams/dead-letters.ts';
import { streamKey, tallyKey, votersKey } from '../../../store/streams/keys.ts';
import { readGroups, readStreamInfo } from '../../../store/streams/stream-info.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Attempt } from './load.ts';

/** What the ledger of a run adds up to, after the faults healed and the consumers drained the streams. */
export interface Findings {
  readonly offered: number;
  readonly acknowledged: number;
  readonly counted: number;
  readonly logged: number;
  /** Acknowledged votes that are neither counted nor superseded, or not in the log. */
  readonly lost: number;
  /** Votes that count twice, or stand twice in the log. */
  readonly double: number;
  /** Every rule that does not hold, in words. Empty in a good run. */
  readonly violations: readonly string[];
}

export interface CheckOptions {
  /** Several mean Redis Cluster. */
  readonly redisUrls: readonly string[];
  readonly partitions: number;
  readonly log: LogStore;
  /** The hash under which the tally and the log keep a voter, as 32 hex digits. */
  readonly voterKey: (voter: string) => string;
  readonly attempts: readonly Attempt[];
  /** Entries that the run itself put there and that no consumer can count. Default 0. */
  readonly poison?: number;
}

/** Waits until both groups have nothing left, then holds the attempts against the tally and the log. */
export async function check(options: CheckOptions): Promise<Findings> {
  await using redis = openRedis({ urls: options.redisUrls, name: 'checker' });
  await redis.whenReady();
  await drained(redis, options.partitions);
  const violations: string[] = [];
  const dead = await deadLetters(redis, options.partitions);
  if (dead !== (options.poison ?? 0)) violations.push(`${dead} dead letters, expected ${options.poison ?? 0}`);
  const logged = await readLog(options.log);
  const perVoter = await checkOnePerVoter(redis, options, logged, violations);
  const open = await checkOpen(redis, options, logged, violations);
  const log = checkLog(options.attempts, logged, violations);
  return {
    offered: options.attempts.length,
    acknowledged: options.attempts.filter((attempt) => attempt.outcome === 'ok').length,
    counted: perVoter.counted + open.counted,
    logged: logged.times.size,
    lost: perVoter.lost + open.lost + log.lost,
    double: perVoter.double + open.double + log.double,
    violations,
  };
}

/** I4: nothing pending and nothing unread in either group, within 30 s. */
async function drained(redis: Redis, partitions: number): Promise<void> {
  let left = '';
  await waitFor(
    async () => {
      for (let partition = 0; partition < partitions; partition++) {
        const key = streamKey(partition);
        const stream = await readStreamInfo(redis, key);
        for (const group of await readGroups(redis, key)) {
          const behind = group.lastDeliveredId !== stream?.lastId;
          if (group.pending !== 0 || behind) {
            left = `${key} ${group.name}: ${group.pending} pending${behind ? ', some unread' : ''}`;
            return false;
          }
        }
      }
      return true;
    },
    { what: 'both groups drain every stream', timeoutMs: 30_000 },
  ).catch((error: Error) => {
    throw new Error(`${error.message}: ${left}`);
  });
}

async function readHash(redis: Redis, key: string): Promise<Map<string, string>> {
  const flat = await redis.sendBytes(key, ['HGETALL', key], listOf(parseBytes));
  // Voter keys are raw bytes: latin1 keeps each of them apart.
  return new Map(flat.flatMap((field, i) => (i % 2 === 0 ? [[field.toString('latin1'), String(flat[i + 1])]] : [])));
}

/** How many entries are dead letters, of one group or of both. */
async function deadLetters(redis: Redis, partitions: number): Promise<number> {
  const entries = new Set<string>();
  for (let partition = 0; partition < partitions; partition++) {
    for (const letter of await listDeadLetters(redis, partition)) entries.add(`${partition} ${letter.id}`);
  }
  return entries.size;
}

/** The vote of a voter that counts. */
export interface Standing {
  readonly choice: string;
  readonly sequence: number;
  readonly partition: number;
}

/** Reads what stands for each voter of a partition, by voter key in hex. */
async function readStanding(redis: Redis, partition: number, contest: string): Promise<Map<string, Standing>> {
  const standing = new Map<string, Standing>();
  for (const [key, value] of await readHash(redis, votersKey(partition, contest))) {
    const [choice = '', sequence = ''] = value.split(' ');
    standing.set(Buffer.from(key, 'latin1').toString('hex'), { choice, sequence: Number(sequence), partition });
  }
  return standing;
}

/** I1, I2, I5, I7 of the one-per-voter contest. */
async function checkOnePerVoter(redis: Redis, options: CheckOptions, logged: Logged, violations: string[]) {
  const contest = 'cats-vs-dogs';
  const standing = new Map<string, Standing>();
  let counted = 0;
  let double = 0;
  for (let partition = 0; partition < options.partitions; partition++) {
    const recount = new Map<string, number>();
    for (const [voter, stands] of await readStanding(redis, partition, contest)) {
      if (standing.has(voter)) violations.push(`voter ${voter} stands in two partitions`);
      standing.set(voter, stands);
      recount.set(stands.choice, (recount.get(stands.choice) ?? 0) + 1);
    }
    const tally = await readHash(redis, tallyKey(partition, contest));
    for (const choice of ['cats', 'dogs']) {
      const count = Number(tally.get(choice) ?? 0);
      counted += count;
      const expected = recount.get(choice) ?? 0;
      if (count === expected) continue;
      double += Math.max(0, count - expected);
      violations.push(`partition ${partition} counts ${count} for ${choice}, its voters add up to ${expected}`);
    }
  }
  for (const [voter, partition] of logged.partitionOf) {
    const stands = standing.get(voter)?.partition;
    if (stands === partition) continue;
    violations.push(`voter ${voter} is in partition ${partition} of the log and in ${stands} of the tally`);
  }
  const lost = checkStanding(options, contest, standing, violations);
  return { counted, double, lost };
}

function checkStanding(
  options: CheckOptions,
  contest: string,
  standing: ReadonlyMap<string, Standing>,
  violations: string[],
): number {
  const byVoter = Map.groupBy(
    options.attempts.filter((attempt) => attempt.contest === contest),
    (attempt) => options.voterKey(attempt.voter),
  );
  let lost = 0;
  for (const [voter, attempts] of byVoter) {
    const acknowledged = attempts.filter((attempt) => attempt.outcome === 'ok').map((attempt) => attempt.sequence);
    const newest = Math.max(0, ...acknowledged);
    const stands = standing.get(voter);
    if (stands === undefined) {
      lost += acknowledged.length;
      if (newest > 0) violations.push(`${attempts[0]?.voter}: ${acknowledged.length} acknowledged votes, none stands`);
      continue;
    }
    const last = attempts.findLast((attempt) => attempt.outcome === 'ok');
    if (newest === 0 && last !== undefined && attempts.every(isSettled) && stands.choice !== last.choice) {
      // Without sequences the order of arrival decides: a client that awaits each answer has its last vote stand.
      lost++;
      violations.push(`${last.voter}: ${stands.choice} stands, the last acknowledged vote is for ${last.choice}`);
    }
    if (stands.sequence < newest) {
      lost++;
      violations.push(`${attempts[0]?.voter}: vote ${stands.sequence} stands, ${newest} was acknowledged`);
    }
    const same = attempts.filter((attempt) => attempt.sequence === stands.sequence && attempt.choice === stands.choice);
    if (!same.some((attempt) => attempt.outcome === 'ok' || attempt.outcome === 'unknown')) {
      violations.push(`${attempts[0]?.voter}: ${stands.choice} ${stands.sequence} stands, and was never accepted`);
    }
  }
  for (const voter of standing.keys()) if (!byVoter.has(voter)) violations.push(`${voter} stands and never voted`);
  return lost;
}

const isSettled = (attempt: Attempt) => attempt.outcome === 'ok' || attempt.outcome === 'failed';

/** I1 and I2 of the open contest: every distinct vote_id that was accepted counts once. */
async function checkOpen(redis: Redis, options: CheckOptions, logged: Logged, violations: string[]) {
  const contest = 'bandas';
  let counted = 0;
  for (let partition = 0; partition < options.partitions; partition++) {
    const tally = await readHash(redis, tallyKey(partition, contest));
    for (const [option, count] of tally) if (!option.startsWith(':')) counted += Number(count);
  }
  const votes = options.attempts.filter((attempt) => attempt.contest === contest && logged.times.has(attempt.id));
  // A vote without a vote_id is one of its own each time; how often each stands in the log is checked elsewhere.
  const expected = new Set(votes.map((attempt) => attempt.voteId || attempt.id)).size;
  if (counted !== expected) violations.push(`${contest} counts ${counted}, its log holds ${expected} distinct votes`);
  return { counted, lost: Math.max(0, expected - counted), double: Math.max(0, counted - expected) };
}

interface Logged {
  /** How often each attempt stands in the log. */
  readonly times: ReadonlyMap<string, number>;
  /** Voter key in hex -> partition, of the one-per-voter contest. */
  readonly partitionOf: ReadonlyMap<string, number>;
}

async function readLog(log: LogStore): Promise<Logged> {
  const times = new Map<string, number>();
  const partitionOf = new Map<string, number>();
  for await (const vote of log.scan({})) {
    const id = vote.attributes.attempt ?? `${vote.partition}/${vote.entryId}/${vote.index}`;
    times.set(id, (times.get(id) ?? 0) + 1);
    if (vote.contest === 'cats-vs-dogs') partitionOf.set(Buffer.from(vote.voter).toString('hex'), vote.partition);
  }
  return { times, partitionOf };
}

/** I3 and I5: the log has every acknowledged submission once, and nothing that was refused or never sent. */
function checkLog(attempts: readonly Attempt[], { times: logged }: Logged, violations: string[]) {
  let lost = 0;
  let double = 0;
  for (const attempt of attempts) {
    const times = logged.get(attempt.id) ?? 0;
    if (attempt.outcome === 'ok' && times === 0) {
      lost++;
      violations.push(`attempt ${attempt.id} was acknowledged and is not in the log`);
    }
    if (attempt.outcome === 'failed' && times > 0) {
      violations.push(`attempt ${attempt.id} was refused (${attempt.detail}) and is in the log`);
    }
    if (times > 1) {
      double += times - 1;
      violations.push(`attempt ${attempt.id} stands ${times} times in the log`);
    }
  }
  const known = new Set(attempts.map((attempt) => attempt.id));
  for (const id of logged.keys()) if (!known.has(id)) violations.push(`${id} is in the log and was never sent`);
  return { lost, double };
}
