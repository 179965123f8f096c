import type { Redis } from '../redis/redis.ts';
import { flatToRecord } from '../redis/redis-reply.ts';
import { deadKey, intakeKey, ledgerKey, streamKey } from '../streams/keys.ts';

/**
 * Where every vote is, from the edge to the tally and the log. At rest nothing is missing between two columns: then
 * `gaps` is empty. While votes are on their way, `open` says how many entries are.
 */
export interface Ledger {
  /** What edges were asked to take in, by their own count; an edge that was killed may not have reported its last second. */
  readonly intake: Intake;
  readonly entries: {
    /** Written to the streams, ever. */
    readonly added: number;
    readonly tallied: number;
    readonly logged: number;
    /** Put aside in group `tally` or `log`, ever. */
    readonly deadTally: number;
    readonly deadLog: number;
    /** Replays for the other group. */
    readonly passedTally: number;
    readonly passedLog: number;
    /** Dead letters that wait now. */
    readonly waiting: number;
  };
  readonly votes: {
    /** Handled by the tally: the sum of the next four. */
    readonly tallied: number;
    /** In the results: the sum of all counts. */
    readonly counted: number;
    readonly superseded: number;
    readonly duplicate: number;
    readonly late: number;
    /** In dead letters of group `tally` that wait now. */
    readonly dead: number;
    readonly logged: number;
  };
  /** Entries that a group has not handled yet. */
  readonly open: number;
  /** What does not add up, in words; while `open` is above 0 it may name what is on its way. */
  readonly gaps: readonly string[];
}

/** Votes, by their outcome at the edges. */
export interface Intake {
  readonly offered: number;
  /** Acknowledged: Redis confirmed them. */
  readonly accepted: number;
  /** Certainly not stored. */
  readonly refused: number;
  /** The connection to Redis failed after they were sent: stored or not. */
  readonly unknown: number;
}

/** Adds what one edge took in since its last call. */
export async function addIntake(redis: Redis, intake: Intake): Promise<void> {
  const columns = Object.entries(intake).filter(([, votes]) => votes > 0);
  await Promise.all(
    columns.map(([column, votes]) => redis.send(intakeKey, ['HINCRBY', intakeKey, column, `${votes}`])),
  );
}

export async function readLedger(redis: Redis, partitions: number): Promise<Ledger> {
  // First: what is acknowledged after this was read may be tallied before the rest is.
  const intake = flatToRecord(await redis.send<string[]>(intakeKey, ['HGETALL', intakeKey]));
  const rows = await Promise.all(Array.from({ length: partitions }, (_, partition) => readPartition(redis, partition)));
  const sum = (column: string) => rows.reduce((total, row) => total + Number(row[column] ?? 0), 0);
  const entries = {
    added: sum('added'),
    tallied: sum('entries'),
    logged: sum('logged'),
    deadTally: sum('dead-tally'),
    deadLog: sum('dead-log'),
    passedTally: sum('passed-tally'),
    passedLog: sum('passed-log'),
    waiting: sum('waiting'),
  };
  const votes = {
    tallied: sum('votes'),
    counted: sum('counted'),
    superseded: sum('superseded'),
    duplicate: sum('duplicate'),
    late: sum('late'),
    dead: sum('dead-tally-votes'),
    logged: sum('logged-votes'),
  };
  const number = (column: keyof Intake) => Number(intake[column] ?? 0);
  const counts = {
    intake: {
      offered: number('offered'),
      accepted: number('accepted'),
      refused: number('refused'),
      unknown: number('unknown'),
    },
    entries,
    votes,
  };
  return { ...counts, ...close(counts) };
}

function close({
  intake,
  entries,
  votes,
}: Pick<Ledger, 'intake' | 'entries' | 'votes'>): Pick<Ledger, 'open' | 'gaps'> {
  const tally = entries.tallied + entries.deadTally + entries.passedTally;
  const log = entries.logged + entries.deadLog + entries.passedLog;
  const outcomes = votes.counted + votes.superseded + votes.duplicate + votes.late;
  const gaps: string[] = [];
  const same = (what: string, a: number, b: number) => {
    if (a !== b) gaps.push(`${what}: ${a} and ${b}`);
  };
  same('entries in the streams, and handled by the tally', entries.added, tally);
  same('entries in the streams, and handled by the log', entries.added, log);
  same('votes handled by the tally, and their outcomes', votes.tallied, outcomes);
  // An edge that was killed acknowledged more than it had reported, never less.
  if (intake.accepted > votes.tallied + votes.dead) {
    gaps.push(`votes acknowledged, and tallied or dead: ${intake.accepted} and ${votes.tallied + votes.dead}`);
  }
  // Where nothing was ever put aside, the two groups saw the same votes.
  if (entries.deadTally + entries.deadLog === 0) same('votes tallied, and logged', votes.tallied, votes.logged);
  return { open: Math.max(0, entries.added - tally) + Math.max(0, entries.added - log), gaps };
}

async function readPartition(redis: Redis, partition: number): Promise<Record<string, string | number>> {
  const key = ledgerKey(partition);
  const [ledger, added, waiting] = await Promise.all([
    redis.send<string[]>(key, ['HGETALL', key]),
    entriesAdded(redis, partition),
    redis.send<number>(key, ['HLEN', deadKey(partition)]),
  ]);
  return { ...flatToRecord(ledger), added, waiting };
}

async function entriesAdded(redis: Redis, partition: number): Promise<number> {
  const key = streamKey(partition);
  try {
    const info = await redis.send<(string | number)[]>(key, ['XINFO', 'STREAM', key]);
    return Number(flatToRecord(info)['entries-added'] ?? 0);
  } catch (error) {
    if (error instanceof Error && error.message.includes('no such key')) return 0;
    throw error;
  }
}
