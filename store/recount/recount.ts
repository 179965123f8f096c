import type { ContestRule } from '../contests/contest.ts';
import { parseTallyRule } from '../contests/rules/contest-rule.ts';
import { nullable, parseText } from '../redis/replies.ts';
import { compareEntryIds } from '../streams/entry-id.ts';
import { epochKey, rulesKey } from '../streams/keys.ts';
import { readGroupProgress } from './group-progress.ts';
import { loggedEntries } from './logged-entries.ts';
import { type ComparedTables, PartitionRecount } from './partition-recount.ts';
import type { RecountOptions } from './recount-options.ts';
import { RecountTables } from './recount-tables.ts';

const ATTEMPTS = 3;
/** Counters that do not depend on the order of votes, unlike `:changed`. */
const COUNTERS = [':voters', ':votes', ':superseded', ':duplicate', ':late'];

export interface RecountReport {
  readonly contest: string;
  readonly rule: ContestRule;
  /** Votes of the contest in the log. */
  readonly votes: number;
  /** Options in order of their ids, then the tally's counters, whose names begin with a colon. */
  readonly rows: readonly { readonly name: string; readonly tally: number; readonly recount: number }[];
  /** Voters whose effective vote differs from the recount; only for one-per-voter contests. */
  readonly votersDiffering: number;
  readonly isDifferent: boolean;
  readonly applied: boolean;
}

/**
 * Recounts a contest from the log by the same rules and compares the result with the tally. Votes may arrive at the
 * same time, for this contest and others: the recount reads the log, catches up, and stops the count of the contest for
 * a fraction of a second per partition to compare.
 *
 * Votes in a dead letter of group `log` are counted from there. A dead letter of group `tally` whose votes are in the
 * log is counted as well, and marked if `apply` is set, so that a replay does not count it again.
 *
 * @throws {Error} if there is no such contest, or the log does not catch up
 */
export async function recount(options: RecountOptions): Promise<RecountReport> {
  for (let attempt = 1; ; attempt++) {
    const report = await tryRecount(options);
    if (report !== undefined) return report;
    if (attempt === ATTEMPTS) {
      throw new Error(`The contest was changed during each of ${ATTEMPTS} recounts. Try again.`);
    }
  }
}

/** Undefined if the contest's rule or times changed during the recount. */
async function tryRecount(options: RecountOptions): Promise<RecountReport | undefined> {
  const { redis, contest } = options;
  const rules = await redis.send(rulesKey(0), ['HGET', rulesKey(0), contest], nullable(parseText));
  const rule = parseTallyRule(rules ?? '')?.rule;
  if (rule === undefined) throw new Error(`There is no contest ${contest}.`);
  const tables = new RecountTables({ ...options, rule });
  try {
    const partitions = await Promise.all(
      Array.from({ length: options.partitions }, (_, partition) => begin(options, tables, partition)),
    );
    await readLog(options, tables, partitions);
    const found: ComparedTables[] = [];
    for (const partition of partitions) {
      const compared = await partition.finish();
      if (compared === undefined) return undefined;
      found.push(compared);
    }
    const rows = sumUp(found);
    const votersDiffering = found.reduce((sum, each) => sum + each.votersDiffering, 0);
    const isDifferent =
      votersDiffering > 0 || rows.some(({ name, tally, recount: counted }) => name !== ':changed' && tally !== counted);
    return { contest, rule, votes: tables.votes, rows, votersDiffering, isDifferent, applied: options.apply };
  } finally {
    await tables.discard();
  }
}

async function begin(options: RecountOptions, tables: RecountTables, partition: number): Promise<PartitionRecount> {
  const { redis } = options;
  await tables.begin(partition);
  const epoch = (await redis.send(epochKey(partition), ['GET', epochKey(partition)], nullable(parseText))) ?? '';
  const { both } = await readGroupProgress(redis, partition);
  return new PartitionRecount(options, { tables, partition, epoch, from: both });
}

/** Counts all entries that both groups had handled when the recount began; `finish` continues from there. */
async function readLog(
  { log, contest, onProgress }: RecountOptions,
  tables: RecountTables,
  partitions: readonly PartitionRecount[],
): Promise<void> {
  for await (const { partition, entries } of loggedEntries(log.scan({ contest }))) {
    const own = partitions[partition];
    if (own === undefined) {
      throw new Error(
        `The log has votes of partition ${partition}; this deployment has ${partitions.length} partitions.`,
      );
    }
    const { epoch, from } = own.start;
    await tables.count(
      partition,
      entries.filter((entry) => entry.epoch !== epoch || compareEntryIds(entry.position, from) <= 0),
    );
    onProgress?.(tables.votes);
  }
  await tables.settle();
}

/** Sums up the tally and the recount over all partitions. */
function sumUp(found: readonly ComparedTables[]): RecountReport['rows'] {
  const sums = new Map<string, { tally: number; recount: number }>();
  for (const name of COUNTERS) sums.set(name, { tally: 0, recount: 0 });
  for (const { tally, recounted } of found) {
    for (const [side, table] of [
      ['tally', tally],
      ['recount', recounted],
    ] as const) {
      for (const [name, value] of Object.entries(table)) {
        if (name === ':version' || name === ':upto') continue;
        const sum = sums.get(name) ?? { tally: 0, recount: 0 };
        sum[side] += Number(value);
        sums.set(name, sum);
      }
    }
  }
  const isCounter = (name: string) => (name.startsWith(':') ? 1 : 0);
  return [...sums]
    .map(([name, sum]) => ({ name, ...sum }))
    .sort((a, b) => isCounter(a.name) - isCounter(b.name) || (a.name < b.name ? -1 : 1));
}
