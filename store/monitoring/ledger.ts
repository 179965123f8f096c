import type { Redis } from '../redis/redis.ts';
import { parseInteger, parseText, recordOf } from '../redis/replies.ts';
import { deadKey, intakeKey, ledgerKey, streamKey } from '../streams/keys.ts';
import { readStreamInfo } from '../streams/stream-info.ts';

/**
 * Accounts for every vote from the edge to the tally and the log. While no votes are in progress, `gaps` is empty;
 * `open` is the number of entries that are not handled yet.
 */
export interface Ledger {
  /** Votes that edges received, as they report them; the last second of a killed edge may be missing. */
  readonly intake: Intake;
  readonly entries: {
    /** Ever written to the streams. */
    readonly added: number;
    readonly tallied: number;
    readonly logged: number;
    /** Ever dead-lettered in group `tally` or `log`. */
    readonly deadTally: number;
    readonly deadLog: number;
    /** Replays addressed to the other group. */
    readonly passedTally: number;
    readonly passedLog: number;
    /** Dead letters now. */
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
    /** In dead letters of group `tally`, including discarded ones. */
    readonly dead: number;
    readonly logged: number;
  };
  /** Entries that a group has not handled yet. */
  readonly open: number;
  /** Descriptions of sums that differ; while `open` is above 0, the differences may be votes in progress. */
  readonly gaps: readonly string[];
}

/** Votes by their outcome at the edges. */
export interface Intake {
  readonly offered: number;
  /** Acknowledged: Redis confirmed them. */
  readonly accepted: number;
  /** Not stored. */
  readonly refused: number;
  /** Sent to Redis before its connection failed, so they may be stored. */
  readonly unknown: number;
}

/** Adds the votes that an edge received since its last call. */
export async function addIntake(redis: Redis, intake: Intake): Promise<void> {
  const columns = Object.entries(intake).filter(([, votes]) => votes > 0);
  await Promise.all(
    columns.map(([column, votes]) => redis.send(intakeKey, ['HINCRBY', intakeKey, column, `${votes}`])),
  );
}

export async function readLedger(redis: Redis, partitions: number): Promise<Ledger> {
  // The intake is read first: votes acknowledged later may be tallied before the rest is read.
  const intake = await redis.send(intakeKey, ['HGETALL', intakeKey], recordOf(parseText));
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
  // A killed edge may have acknowledged more votes than it reported, but never fewer.
  if (intake.accepted > votes.tallied + votes.dead) {
    gaps.push(`votes acknowledged, and tallied or dead: ${intake.accepted} and ${votes.tallied + votes.dead}`);
  }
  // Without dead letters both groups handle the same votes.
  if (entries.deadTally + entries.deadLog === 0) same('votes tallied, and logged', votes.tallied, votes.logged);
  return { open: Math.max(0, entries.added - tally) + Math.max(0, entries.added - log), gaps };
}

async function readPartition(redis: Redis, partition: number): Promise<Record<string, string | number>> {
  const key = ledgerKey(partition);
  const [ledger, stream, waiting] = await Promise.all([
    redis.send(key, ['HGETALL', key], recordOf(parseText)),
    readStreamInfo(redis, streamKey(partition)),
    redis.send(key, ['HLEN', deadKey(partition)], parseInteger),
  ]);
  return { ...ledger, added: stream?.entriesAdded ?? 0, waiting };
}
