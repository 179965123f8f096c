import { openRedis, type Redis } from '../../../store/redis/redis.ts';
import { listDeadLetters } from '../../../store/streams/dead-letters.ts';
import { checkLog } from './check-log.ts';
import { checkOnePerVoter } from './check-one-per-voter.ts';
import { checkOpen } from './check-open.ts';
import { drained } from './drained.ts';
import type { CheckOptions, Findings } from './findings.ts';
import { mergeLogs, readLog } from './logged.ts';

/** Waits until both groups have nothing left, then compares the attempts with the tally and the log. */
export async function check(options: CheckOptions): Promise<Findings> {
  await drained(options.redisUrls, options.partitions);
  await using redis = openRedis({ urls: options.redisUrls, name: 'checker' });
  await redis.whenReady();
  const violations: string[] = [];
  const { poison = 0 } = options;
  const dead = await countDeadLetters(redis, options.partitions);
  if (dead !== poison) violations.push(`I4: ${dead} dead letters, expected ${poison}`);
  const logged = mergeLogs([...(options.lostLogs ?? []), await readLog(options.log)]);
  const perVoter = await checkOnePerVoter(redis, options, logged, violations);
  const open = await checkOpen(redis, options, logged, violations);
  const log = checkLog(options.attempts, logged, violations);
  await options.further?.(logged);
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

/** Entries that are dead letters of one group or of both. */
async function countDeadLetters(redis: Redis, partitions: number): Promise<number> {
  const entries = new Set<string>();
  for (let partition = 0; partition < partitions; partition++) {
    for (const letter of await listDeadLetters(redis, partition)) entries.add(`${partition} ${letter.id}`);
  }
  return entries.size;
}
