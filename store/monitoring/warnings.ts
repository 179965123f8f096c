import { readRestoration } from '../deployment/restoration.ts';
import type { LogStore } from '../log/log-store.ts';
import type { Redis } from '../redis/redis.ts';
import { readRedisTime } from '../redis/redis-time.ts';
import { streamKey } from '../streams/keys.ts';
import { readStreamPosition } from '../streams/stream-info.ts';
import type { Ledger } from './ledger.ts';
import { readLogLead } from './log-lead.ts';

const SET_BACK_MS = 1000;
const RECENT_MS = 86_400_000;
const RECOUNT = 'Restore the counts with: npm run recount -- --all --apply';

interface WarningsInput {
  readonly partitions: number;
  readonly ledger: Ledger;
  /** Votes in the log; undefined if it is unreachable. */
  readonly logged: number | undefined;
  /** Entries that group `log` has read and not acknowledged. */
  readonly pending: number;
}

/** Messages for operators about problems that the other figures do not show. */
export async function readWarnings(
  redis: Redis,
  { partitions, ledger, logged, pending }: WarningsInput,
): Promise<string[]> {
  const [restored, ahead, lead] = await Promise.all([
    readRestoration(redis),
    Promise.all(Array.from({ length: partitions }, (_, partition) => idsAheadMs(redis, partition))),
    logged === undefined ? 0 : readLogLead(redis, ledger, logged, pending),
  ]);
  const warnings: string[] = [];
  if (restored !== undefined && Date.now() - Date.parse(restored.at) < RECENT_MS) {
    const lost =
      restored.partitions.length > 0 ? ` The streams of partitions ${restored.partitions.join(', ')} were lost.` : '';
    warnings.push(
      `Redis lost its data; ${restored.by} restored settings and contests at ${restored.at}.${lost} ${RECOUNT}`,
    );
  }
  if (lead > 0) {
    warnings.push(
      `The log has ${lead} more votes than the ledger: Redis restarted with data older than the log. ${RECOUNT}`,
    );
  }
  const aheadMs = Math.max(...ahead);
  if (aheadMs > SET_BACK_MS) {
    const seconds = Math.ceil(aheadMs / 1000);
    warnings.push(
      `The clock of Redis was set back: entry ids are ${seconds} s ahead of it, and they decide when contests open and close.`,
    );
  }
  return warnings;
}

/** Votes in the log; undefined if it is unreachable, which the dashboard reports elsewhere. */
export async function countLogged(log: Pick<LogStore, 'totals'> | undefined): Promise<number | undefined> {
  try {
    return (await log?.totals())?.votes;
  } catch {
    // An unreachable log must not hide the state of Redis.
    return undefined;
  }
}

async function idsAheadMs(redis: Redis, partition: number): Promise<number> {
  const now = await readRedisTime(redis, streamKey(partition));
  return (await readStreamPosition(redis, partition)).lastMs - now;
}
