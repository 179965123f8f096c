import type { ContestRule } from '../contests/contest.ts';
import type { LogStore } from '../log/log-store.ts';
import type { Redis } from '../redis/redis.ts';
import { listOf, nullable, parseBytes, parseInteger, parseText, recordOf, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { rulesKey, streamKey, TALLY_GROUP, votersKey } from '../streams/keys.ts';
import { type RestingPlace, waitForRest } from './at-rest.ts';
import { loggedEntries } from './logged-entries.ts';
import { RecountTables } from './recount-tables.ts';

export const settleScript = new LuaScript(new URL('./settle.lua', import.meta.url));

const ATTEMPTS = 3;
const VOTERS_AT_ONCE = 1000;
/** Counters that do not depend on the order of the votes; `:changed` does. */
const COUNTERS = [':voters', ':votes', ':superseded', ':duplicate', ':late'];

export interface RecountOptions {
  readonly redis: Redis;
  readonly log: LogStore;
  readonly partitions: number;
  readonly voteIdWindowHours: number;
  readonly contest: string;
  /** Replace the tally by the recount, partition by partition, each atomically. */
  readonly apply: boolean;
  /** Maximum time to wait for votes in progress. */
  readonly waitMs: number;
}

export interface RecountReport {
  readonly contest: string;
  readonly rule: ContestRule;
  /** Votes of the contest in the log. */
  readonly votes: number;
  /** Options in order of their ids, then the counters of the tally, whose names begin with a colon. */
  readonly rows: readonly { readonly name: string; readonly tally: number; readonly recount: number }[];
  /** Voters whose effective vote differs from the recount; only for one-per-voter contests. */
  readonly votersDiffering: number;
  readonly isDifferent: boolean;
  readonly applied: boolean;
}

/**
 * Counts a contest again from the log by the same rules, and compares.
 *
 * A vote that is a dead letter of only one group is a difference. So is a vote whose opening hours changed after it was
 * counted.
 *
 * @throws {Error} if there is no such contest, or the votes do not come to rest
 */
export async function recount(options: RecountOptions): Promise<RecountReport> {
  const { redis, partitions, contest, waitMs } = options;
  for (let attempt = 1; ; attempt++) {
    const rules = (await redis.send(rulesKey(0), ['HGET', rulesKey(0), contest], nullable(parseText))) ?? '';
    const [, rule, closes] = /^(open|one-per-voter) \d+ (\d+)$/.exec(rules) ?? [];
    if (rule !== 'open' && rule !== 'one-per-voter') throw new Error(`There is no contest ${contest}.`);
    const closesAt = Number(closes) > 0 && Number(closes) < Date.now() ? Number(closes) : undefined;
    const places = await waitForRest(redis, partitions, { closesAt, waitMs });
    const report = await recountAt(options, { rule, rules, places });
    if (report !== undefined) return report;
    if (attempt === ATTEMPTS) {
      throw new Error(
        `Votes came in, or the contest was changed, during each of ${ATTEMPTS} recounts. Close it, and try again.`,
      );
    }
  }
}

/** Undefined if votes arrived meanwhile, or the contest's times changed. */
async function recountAt(
  options: RecountOptions,
  { rule, rules, places }: Pick<Settling, 'rule' | 'rules' | 'places'>,
): Promise<RecountReport | undefined> {
  const { log, contest } = options;
  const tables = new RecountTables({ ...options, rule });
  try {
    let votes = 0;
    for await (const { partition, entries } of loggedEntries(log.scan({ contest }))) {
      if (partition >= places.length) throw new Error(`The log has votes of partition ${partition}, Redis has not.`);
      await tables.count(partition, entries);
      votes += entries.reduce((sum, entry) => sum + entry.votes.filter((vote) => vote !== undefined).length, 0);
    }
    let votersDiffering = 0;
    for (const partition of places.keys()) {
      if (rule === 'one-per-voter') votersDiffering += await differingVoters(options, tables, partition);
    }
    // All partitions are compared before any is replaced: if votes arrived, nothing has changed.
    const found = await settleAll(options, { tables, places, rule, rules, apply: false });
    if (found === undefined) return undefined;
    if (options.apply) await settleAll(options, { tables, places, rule, rules, apply: true });
    const rows = compare(found);
    const isDifferent =
      votersDiffering > 0 || rows.some(({ name, tally, recount: counted }) => name !== ':changed' && tally !== counted);
    return { contest, rule, votes, rows, votersDiffering, isDifferent, applied: options.apply };
  } finally {
    await tables.discard();
  }
}

interface Settling {
  readonly tables: RecountTables;
  readonly places: readonly RestingPlace[];
  readonly rule: ContestRule;
  /** The value of `{pN}:rules`, with the times. */
  readonly rules: string;
  readonly apply: boolean;
}

type Tables = readonly [tally: Record<string, string>, recounted: Record<string, string>];

const parseTables = nullable(tupleOf(recordOf(parseText), recordOf(parseText)));

async function settleAll(
  { redis, contest }: RecountOptions,
  { tables, places, rule, rules, apply }: Settling,
): Promise<Tables[] | undefined> {
  const all: Tables[] = [];
  for (const [partition, place] of places.entries()) {
    const { tally, others } = tables.tables(partition);
    const keys = [streamKey(partition), rulesKey(partition), ...tally, ...others.flat()];
    const args = [TALLY_GROUP, place, apply ? '1' : '0', rule === 'open' ? '1' : '0', contest, rules];
    const compared = await settleScript.run(redis, keys, args, parseTables);
    if (compared !== null) all.push(compared);
    else if (!apply) return undefined;
    else
      throw new Error(`Votes came in: partitions below ${partition} have the recount, the others not. Recount again.`);
  }
  return all;
}

/** Sums of both sides over all partitions. */
function compare(found: readonly Tables[]): RecountReport['rows'] {
  const sums = new Map<string, { tally: number; recount: number }>();
  for (const name of COUNTERS) sums.set(name, { tally: 0, recount: 0 });
  for (const [tally, recounted] of found) {
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

/** Number of voters of a partition whose effective vote differs, or exists on one side only. */
async function differingVoters(
  { redis, contest }: RecountOptions,
  tables: RecountTables,
  partition: number,
): Promise<number> {
  const key = votersKey(partition, contest);
  const other = tables.tables(partition).others[0]?.[1] ?? '';
  let onBoth = 0;
  let same = 0;
  let cursor = '0';
  do {
    const scan = ['HSCAN', other, cursor, 'COUNT', `${VOTERS_AT_ONCE}`];
    const [next, fields] = await redis.sendBytes(other, scan, tupleOf(parseBytes, listOf(parseBytes)));
    const voters = fields.filter((_, index) => index % 2 === 0);
    const effective =
      voters.length === 0 ? [] : await redis.sendBytes(key, ['HMGET', key, ...voters], listOf(nullable(parseBytes)));
    for (const [index, vote] of effective.entries()) {
      if (vote === null) continue;
      onBoth++;
      if (fields[2 * index + 1]?.equals(vote)) same++;
    }
    cursor = next.toString();
  } while (cursor !== '0');
  const counted = await redis.send(key, ['HLEN', key], parseInteger);
  const recounted = await redis.send(other, ['HLEN', other], parseInteger);
  return counted + recounted - onBoth - same;
}
