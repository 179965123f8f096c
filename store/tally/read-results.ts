import { type Contest, contestStatus } from '../contests/contest.ts';
import type { Redis } from '../redis/redis.ts';
import { listOf, nullable, parseText } from '../redis/replies.ts';
import { tallyKey } from '../streams/keys.ts';
import type { Results } from './results.ts';

/** Reads the counts of contests. Concurrent calls for a contest share one read. */
export interface ResultsReader {
  /**
   * Reads the current counts from all partitions. The caller must check `resultsHidden`. Rejects while Redis is
   * unreachable.
   */
  read(contest: Contest): Promise<Results>;
}

/** @param now milliseconds since 1970 by the clock that decides whether a contest is open */
export function createResultsReader(redis: Redis, partitions: number, now: () => number = Date.now): ResultsReader {
  const underWay = new Map<string, Promise<Results>>();
  return {
    read(contest) {
      const shared = underWay.get(contest.id);
      if (shared !== undefined) return shared;
      const reading = readResults({ redis, partitions, now }, contest).finally(() => underWay.delete(contest.id));
      underWay.set(contest.id, reading);
      return reading;
    },
  };
}

const COUNTERS = [':version', ':voters', ':changed', ':upto'] as const;

async function readResults(
  { redis, partitions, now }: { redis: Redis; partitions: number; now: () => number },
  contest: Contest,
): Promise<Results> {
  const ids = contest.options.map(({ id }) => id);
  const rows = await Promise.all(
    Array.from({ length: partitions }, (_, partition) => {
      const key = tallyKey(partition, contest.id);
      // HMGET of the known fields, because HGETALL would also read unknown ones.
      return redis.send(key, ['HMGET', key, ...COUNTERS, ...ids], listOf(nullable(parseText)));
    }),
  );
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
  const options = contest.options.map(({ id, label }, index) => ({ id, label, count: sum(COUNTERS.length + index) }));
  const total = options.reduce((all, { count }) => all + count, 0);
  const upTo = Math.max(...rows.map((row) => Number(row[3] ?? 0)));
  return {
    contest: contest.id,
    status: contestStatus(contest, now()),
    version: sum(0),
    total,
    voters: contest.rule === 'one-per-voter' ? sum(1) : total,
    changed: sum(2),
    countedUpTo: upTo > 0 ? new Date(upTo).toISOString() : null,
    options,
  };
}
