import type { LogStore } from '../log/log-store.ts';
import type { Redis } from '../redis/redis.ts';
import { nullable, parseText } from '../redis/replies.ts';
import { clusterKey } from '../streams/keys.ts';
import type { Ledger } from './ledger.ts';

/** Field of the settings: by how many votes the log was ahead when a recount of all contests last replaced the tally. */
const FIELD = 'log-lead';
/** An entry may hold so many times the votes of the average one. */
const LARGE_ENTRY = 20;

/**
 * Votes that the log has beyond the ledger. If Redis comes back older than the log, as it does without an append-only
 * file, its ledger goes back with the tally and shows no gap by itself. 0 if the difference may be votes in progress.
 *
 * @param logged votes in the log
 * @param pending entries that group `log` had read and not acknowledged; read after `logged` and before the ledger, so
 * that an entry which is logged and not in the ledger is among them
 */
export async function readLogLead(redis: Redis, ledger: Ledger, logged: number, pending: number): Promise<number> {
  const accepted = await redis.send(clusterKey, ['HGET', clusterKey, FIELD], nullable(parseText));
  const lead = logged - ledger.votes.logged - Number(accepted ?? 0);
  const average = ledger.votes.logged / Math.max(1, ledger.entries.logged);
  return lead > pending * average * LARGE_ENTRY ? lead : 0;
}

/** Every contest was recounted: what the log has beyond the ledger is in the tally now. */
export async function acceptLogLead(redis: Redis, ledger: Ledger, log: Pick<LogStore, 'totals'>): Promise<void> {
  const { votes } = await log.totals();
  await redis.send(clusterKey, ['HSET', clusterKey, FIELD, `${Math.max(0, votes - ledger.votes.logged)}`]);
}
