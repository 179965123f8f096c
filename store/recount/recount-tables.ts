import { randomBytes } from 'node:crypto';
import type { ContestRule } from '../contests/contest.ts';
import type { Redis } from '../redis/redis.ts';
import { nullable, parseText } from '../redis/replies.ts';
import { rulesKey, streamKey, TALLY_GROUP, tallyKey, voteIdsKey, votersKey } from '../streams/keys.ts';
import { type TallyEntry, TallyPacker, type TallyVote, tallyScript } from '../tally/tally.ts';
import type { VoterTables } from './voter-comparison.ts';

/** Replaces a vote for another contest, so that the votes after it keep their index. */
const GAP: TallyVote = { contest: ':gap', choice: 'gap', voter: new Uint8Array(16), voteId: '', sequence: 0 };
/** Time after which the tables of a killed recount expire. */
const EXPIRY_MS = 3_600_000;
/** A script blocks all other clients; these are the limits of the tally. */
const MAX_ENTRIES = 64;
const MAX_VOTES = 1024;
const CALLS_IN_FLIGHT = 16;

export interface RecountTablesOptions {
  readonly redis: Redis;
  readonly contest: string;
  readonly rule: ContestRule;
  readonly voteIdWindowHours: number;
}

/** Keys of a partition's tables, each with the key of the recount's table. */
export interface TableKeys {
  readonly tally: readonly [tally: string, recounted: string];
  /** Only for one-per-voter contests. */
  readonly voters: VoterTables | undefined;
  /** The voters, or the buckets of vote_ids. */
  readonly others: readonly (readonly [string, string])[];
}

/** Counts a contest's votes into separate tables, with the same script as the tally (tally.lua). */
export class RecountTables {
  readonly #options: RecountTablesOptions;
  readonly #packer: TallyPacker;
  readonly #prefix = `recount:${randomBytes(6).toString('hex')}:`;
  readonly #rules = new Map<number, string>();
  readonly #tables = new Map<number, Set<string>>();
  #calls: Promise<void>[] = [];
  #lastEntry = 0;
  #votes = 0;

  constructor(options: RecountTablesOptions) {
    this.#options = options;
    const { contest, rule, voteIdWindowHours } = options;
    this.#packer = new TallyPacker({ voteIdWindowHours, ruleOf: (id) => (id === contest ? rule : 'open') });
  }

  /** Votes counted so far. */
  get votes(): number {
    return this.#votes;
  }

  keys(partition: number): TableKeys {
    const { contest, rule } = this.#options;
    const pair = (key: string) => [key, this.#own(partition, key)] as const;
    const voters = pair(votersKey(partition, contest));
    const isBucket = (key: string) => key.startsWith(idsPrefix(partition, contest));
    const buckets = [...(this.#tables.get(partition) ?? [])].filter(isBucket).map(pair);
    return {
      tally: pair(tallyKey(partition, contest)),
      voters: rule === 'one-per-voter' ? { tally: voters[0], recounted: voters[1] } : undefined,
      others: rule === 'one-per-voter' ? [voters] : buckets,
    };
  }

  /** The contest's value in `{pN}:rules` when the recount began, by which votes count or not. */
  ruleOf(partition: number): string {
    return this.#rules.get(partition) ?? '';
  }

  /** Prepares a partition for counting. */
  async begin(partition: number): Promise<void> {
    const { redis, contest } = this.#options;
    const stream = this.#own(partition, streamKey(partition));
    const rules = this.#own(partition, rulesKey(partition));
    const rule = await redis.send(rules, ['HGET', rulesKey(partition), contest], nullable(parseText));
    if (rule === null) throw new Error(`Partition ${partition} has no rule for the contest ${contest}.`);
    await redis.send(rules, ['HSET', rules, contest, rule, GAP.contest, 'open 0 0']);
    await redis.send(stream, ['XGROUP', 'CREATE', stream, TALLY_GROUP, '0', 'MKSTREAM']);
    this.#rules.set(partition, rule);
  }

  /** Counts entries of one partition, in order. Resolves when the next call may follow; see `settle`. */
  async count(partition: number, entries: readonly RecountEntry[]): Promise<void> {
    let part: RecountEntry[] = [];
    let votes = 0;
    for (const entry of entries) {
      if (part.length === MAX_ENTRIES || (part.length > 0 && votes + entry.votes.length > MAX_VOTES)) {
        await this.#send(partition, part);
        part = [];
        votes = 0;
      }
      part.push(entry);
      votes += entry.votes.length;
    }
    if (part.length > 0) await this.#send(partition, part);
  }

  /** Resolves once all entries are counted. */
  async settle(): Promise<void> {
    const calls = this.#calls;
    this.#calls = [];
    await Promise.all(calls);
  }

  /** Removes the recount's remaining tables. */
  async discard(): Promise<void> {
    const { redis, contest } = this.#options;
    await Promise.allSettled(this.#calls);
    for (const partition of this.#rules.keys()) {
      const tables = this.#tables.get(partition) ?? new Set();
      const keys = [streamKey(partition), rulesKey(partition), tallyKey(partition, contest), ...tables];
      const own = keys.map((key) => this.#own(partition, key));
      await redis.send(own[0], ['UNLINK', ...own]);
    }
  }

  /** Sends without waiting: commands of one partition run in the order of the calls. */
  async #send(partition: number, part: readonly RecountEntry[]): Promise<void> {
    if (this.#calls.length >= CALLS_IN_FLIGHT) await this.settle();
    const call = this.#countPart(partition, part);
    // `settle` reports a rejection.
    call.catch(ignoreError);
    this.#calls.push(call);
    this.#votes += part.reduce((sum, { votes }) => sum + votes.filter((vote) => vote !== undefined).length, 0);
  }

  async #countPart(partition: number, part: readonly RecountEntry[]): Promise<void> {
    const { redis } = this.#options;
    const stream = this.#own(partition, streamKey(partition));
    // The script counts only entries that it can acknowledge, so each needs a pending entry, which may be empty.
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
    const trimmed = redis.send(stream, ['XTRIM', stream, 'MINID', `${this.#lastEntry + 1}`]);
    this.#remember(partition, keys);
    const tables = own.filter((key) => !key.includes(':ids:'));
    const expire = tables.map((key) => redis.send(key, ['PEXPIRE', key, `${EXPIRY_MS}`]));
    await Promise.all([...added, read, states, trimmed, ...expire]);
    if ((await states) !== '1'.repeat(entries.length)) throw new Error(`The recount did not count: ${await states}`);
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

/** An entry from the log with its votes for one contest, each at its index. */
export interface RecountEntry {
  readonly epoch: string;
  readonly position: { readonly ms: number; readonly n: number };
  /** Undefined in the place of votes for other contests. */
  readonly votes: readonly (TallyVote | undefined)[];
}

function idsPrefix(partition: number, contest: string): string {
  return voteIdsKey(partition, contest, 0).slice(0, -1);
}

function ignoreError(): void {
  // The caller that awaits the call handles the rejection.
}
