import type { LogStore } from '../log/log-store.ts';
import type { Redis } from '../redis/redis.ts';
import { nullable, parseText } from '../redis/replies.ts';
import { clusterKey } from '../streams/keys.ts';
import type { Ledger } from './ledger.ts';

/** Field of the settings: the log's lead in votes when a recount of all contests last replaced the tally. */
const FIELD = 'log-lead';
/** An entry may hold this many times the votes of the average entry. */
const LARGE_ENTRY = 20;

/**
 * Votes in the log that the ledger lacks. If Redis restarts with older data, for example without an append-only file,
 * the ledger is as old as the tally and shows no gap. 0 if the difference may be votes in progress.
 *
 * @param logged votes in the log
 * @param pending entries that group `log` had read and not acknowledged; read after `logged` and before the ledger, so
 * that it includes every entry that is in the log but not in the ledger yet
 */
export async function readLogLead(redis: Redis, ledger: Ledger, logged: number, pending: number): Promise<number> {
  const accepted = await redis.send(clusterKey, ['HGET', clusterKey, FIELD], nullable(parseText));
  const lead = logged - ledger.votes.logged - Number(accepted ?? 0);
  const average = ledger.votes.logged / Math.max(1, ledger.entries.logged);
  return lead > pending * average * LARGE_ENTRY ? lead : 0;
}

/** Call after a recount of all contests: the tally now contains the votes in the log that the ledger lacks. */
export async function acceptLogLead(redis: Redis, ledger: Ledger, log: Pick<LogStore, 'totals'>): Promise<void> {
  const { votes } = await log.totals();
  await redis.send(clusterKey, ['HSET', clusterKey, FIELD, `${Math.max(0, votes - ledger.votes.logged)}`]);
}
