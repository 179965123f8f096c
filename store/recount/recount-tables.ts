import { randomBytes } from 'node:crypto';
import type { ContestRule } from '../contests/contest.ts';
import type { Redis } from '../redis/redis.ts';
import { nullable, parseText } from '../redis/replies.ts';
import { rulesKey, streamKey, TALLY_GROUP, tallyKey, voteIdsKey, votersKey } from '../streams/keys.ts';
import { type TallyEntry, TallyPacker, type TallyVote, tallyScript } from '../tally/tally.ts';

/** Replaces a vote for another contest, so that the votes after it keep their index. */
const GAP: TallyVote = { contest: ':gap', choice: 'gap', voter: new Uint8Array(16), voteId: '', sequence: 0 };
/** The tables of a recount that was killed expire. */
const EXPIRY_MS = 3_600_000;
/** A script blocks all other clients; the limits are those of the tally. */
const MAX_ENTRIES = 64;
const MAX_VOTES = 1024;

export interface RecountTablesOptions {
  readonly redis: Redis;
  readonly contest: string;
  readonly rule: ContestRule;
  readonly voteIdWindowHours: number;
}

/**
 * Counts a contest's votes into separate tables with the script that counted them first (tally.lua).
 */
export class RecountTables {
  readonly #options: RecountTablesOptions;
  readonly #packer: TallyPacker;
  readonly #prefix = `recount:${randomBytes(6).toString('hex')}:`;
  readonly #begun = new Set<number>();
  readonly #tables = new Map<number, Set<string>>();
  #lastEntry = 0;

  constructor(options: RecountTablesOptions) {
    this.#options = options;
    const { contest, rule, voteIdWindowHours } = options;
    this.#packer = new TallyPacker({ voteIdWindowHours, ruleOf: (id) => (id === contest ? rule : 'open') });
  }

  /** Pairs of the partition's key and the recount's key for the same table. */
  tables(partition: number): { tally: [string, string]; others: [string, string][] } {
    const { contest, rule } = this.#options;
    const pair = (key: string): [string, string] => [key, this.#own(partition, key)];
    const voters = votersKey(partition, contest);
    const buckets = [...(this.#tables.get(partition) ?? [])].filter((key) =>
      key.startsWith(idsPrefix(partition, contest)),
    );
    return {
      tally: pair(tallyKey(partition, contest)),
      others: rule === 'one-per-voter' ? [pair(voters)] : buckets.map(pair),
    };
  }

  /** Counts entries of one partition. Each has the votes of this contest at their index, and undefined for other votes. */
  async count(partition: number, entries: readonly RecountEntry[]): Promise<void> {
    await this.#begin(partition);
    let part: RecountEntry[] = [];
    let votes = 0;
    for (const entry of entries) {
      if (part.length === MAX_ENTRIES || (part.length > 0 && votes + entry.votes.length > MAX_VOTES)) {
        await this.#countPart(partition, part);
        part = [];
        votes = 0;
      }
      part.push(entry);
      votes += entry.votes.length;
    }
    if (part.length > 0) await this.#countPart(partition, part);
  }

  /** Removes the recount's tables that did not replace others. */
  async discard(): Promise<void> {
    const { redis, contest } = this.#options;
    for (const partition of this.#begun) {
      const tables = this.#tables.get(partition) ?? new Set();
      const keys = [streamKey(partition), rulesKey(partition), tallyKey(partition, contest), ...tables];
      const own = keys.map((key) => this.#own(partition, key));
      await redis.send(own[0], ['UNLINK', ...own]);
    }
  }

  async #begin(partition: number): Promise<void> {
    if (this.#begun.has(partition)) return;
    const { redis, contest } = this.#options;
    const stream = this.#own(partition, streamKey(partition));
    const rules = this.#own(partition, rulesKey(partition));
    const rule = await redis.send(rules, ['HGET', rulesKey(partition), contest], nullable(parseText));
    if (rule === null) throw new Error(`Partition ${partition} knows no rule of the contest ${contest}.`);
    // The current rule, which must not change during the recount.
    await redis.send(rules, ['HSET', rules, contest, rule, GAP.contest, 'open 0 0']);
    await redis.send(stream, ['XGROUP', 'CREATE', stream, TALLY_GROUP, '0', 'MKSTREAM']);
    this.#begun.add(partition);
  }

  async #countPart(partition: number, part: readonly RecountEntry[]): Promise<void> {
    const { redis } = this.#options;
    const stream = this.#own(partition, streamKey(partition));
    // The script counts what it can acknowledge, so the entries have to be pending in a stream, where they are empty.
    const entries = part.map(({ position, votes }): TallyEntry => {
      const id = { ms: ++this.#lastEntry, n: 0 };
      return { id, position, notify: false, votes: Array.from(votes, (vote) => vote ?? GAP) };
    });
    const added = entries.map(({ id }) => redis.send(stream, ['XADD', stream, `${id.ms}-${id.n}`, 'b', '']));
    const group = ['XREADGROUP', 'GROUP', TALLY_GROUP, 'recount', 'COUNT', `${entries.length}`];
    const read = redis.send(stream, [...group, 'STREAMS', stream, '>']);
    const { keys, args } = this.#packer.pack(partition, entries);
    const own = keys.map((key) => this.#own(partition, key));
    const states = tallyScript.run(redis, own, args, parseText);
    await Promise.all([...added, read, states]);
    if ((await states) !== '1'.repeat(entries.length)) throw new Error(`The recount did not count: ${await states}`);
    await redis.send(stream, ['XTRIM', stream, 'MAXLEN', '0']);
    this.#remember(partition, keys);
    const expire = [...own.slice(0, 3), ...own.slice(3).filter((key) => !key.includes(':ids:'))];
    await Promise.all(expire.map((key) => redis.send(key, ['PEXPIRE', key, `${EXPIRY_MS}`])));
  }

  #remember(partition: number, keys: readonly string[]): void {
    const tables = this.#tables.get(partition) ?? new Set<string>();
    for (const key of keys.slice(2)) tables.add(key);
    this.#tables.set(partition, tables);
  }

  #own(partition: number, key: string): string {
    return key.replace(`{p${partition}}:`, `{p${partition}}:${this.#prefix}`);
  }
}

/** An entry from the log with its votes for one contest at their index. */
export interface RecountEntry {
  readonly position: { readonly ms: number; readonly n: number };
  /** Has holes for votes for other contests. */
  readonly votes: readonly (TallyVote | undefined)[];
}

function idsPrefix(partition: number, contest: string): string {
  return voteIdsKey(partition, contest, 0).slice(0, -1);
}
