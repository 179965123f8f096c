import type { ContestRule } from '../contests/contest.ts';
import type { Redis } from '../redis/redis.ts';
import { parseText } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { MessagePackWriter } from '../redis/scripts/message-pack.ts';
import { type EntryId, formatEntryId } from '../streams/entry-id.ts';
import {
  countedByKey,
  countedChannel,
  failuresKey,
  ledgerKey,
  rulesKey,
  streamKey,
  TALLY_GROUP,
  tallyKey,
  voteIdsKey,
  votersKey,
} from '../streams/keys.ts';

/** Counts entries that the caller read in group `tally`, each exactly once, even if calls are repeated. */
export interface Tally {
  /**
   * Returns the outcome of each entry. Rejects if Redis is unreachable or answers with an error: the outcome is then
   * unknown, and repeating the call is harmless.
   *
   * @param claimed the entries were delivered before, so they may not be contiguous; default false
   */
  count(partition: number, entries: readonly TallyEntry[], claimed?: boolean): Promise<TallyOutcome[]>;
}

export interface TallyEntry {
  readonly id: EntryId;
  /** Decides the entry's order and whether it is in time; differs from `id` for a replayed dead letter. */
  readonly position: EntryId;
  /** True if a client waits for the outcome. */
  readonly notify: boolean;
  readonly votes: readonly TallyVote[];
}

export interface TallyVote {
  readonly contest: string;
  readonly choice: string;
  /** Voter key, 16 bytes. */
  readonly voter: Uint8Array;
  /** Empty if the vote has none. */
  readonly voteId: string;
  /** 0 to 2^53 - 1. */
  readonly sequence: number;
}

export type TallyOutcome =
  | 'counted'
  /** The entry was counted before. */
  | 'skipped'
  /** The entry is not counted, because it has a vote for a contest without rules. It is still pending. */
  | 'unknown-contest';

export interface TallyOptions {
  readonly redis: Redis;
  /** Name of the consumer, recorded for receipts (see `readCountedBy`); default: no record. */
  readonly consumer?: string;
  /** Minimum time for which a repeated vote_id is recognized; in practice up to twice as long. */
  readonly voteIdWindowHours: number;
  /** The contest's rule; undefined if there is no such contest. */
  readonly ruleOf: (contest: string) => ContestRule | undefined;
}

/** A script blocks all other clients, so a call must take at most about 2 ms. */
const MAX_ENTRIES_PER_CALL = 64;
const MAX_VOTES_PER_CALL = 1024;

export const tallyScript = new LuaScript(new URL('./tally.lua', import.meta.url));

export function createTally(options: TallyOptions): Tally {
  const packer = new TallyPacker(options);
  return {
    async count(partition, entries, claimed = false) {
      const calls: Promise<TallyOutcome[]>[] = [];
      for (const part of parts(entries)) {
        const { keys, args, known } = packer.pack(partition, part, claimed);
        const states = known.length === 0 ? Promise.resolve('') : tallyScript.run(options.redis, keys, args, parseText);
        calls.push(states.then((letters) => readStates(part, known, letters)));
      }
      return (await Promise.all(calls)).flat();
    },
  };
}

function readStates(entries: readonly TallyEntry[], known: readonly TallyEntry[], letters: string): TallyOutcome[] {
  const packed = new Set(known);
  let next = 0;
  return entries.map((entry) => {
    const letter = packed.has(entry) ? letters[next++] : 'u';
    return letter === '1' ? 'counted' : letter === '0' ? 'skipped' : 'unknown-contest';
  });
}

function* parts(entries: readonly TallyEntry[]): Generator<readonly TallyEntry[]> {
  let from = 0;
  let votes = 0;
  for (const [i, entry] of entries.entries()) {
    if (i > from && (i - from === MAX_ENTRIES_PER_CALL || votes + entry.votes.length > MAX_VOTES_PER_CALL)) {
      yield entries.slice(from, i);
      from = i;
      votes = 0;
    }
    votes += entry.votes.length;
  }
  if (from < entries.length) yield entries.slice(from);
}

/** Packs the script's KEYS and ARGV. */
export class TallyPacker {
  readonly #ruleOf: TallyOptions['ruleOf'];
  readonly #bucketMs: number;
  readonly #consumer: string;
  readonly #writer = new MessagePackWriter();

  constructor({ ruleOf, voteIdWindowHours, consumer = '' }: Omit<TallyOptions, 'redis'>) {
    this.#ruleOf = ruleOf;
    this.#consumer = consumer;
    this.#bucketMs = voteIdWindowHours * 3_600_000;
  }

  /** Packs only entries whose contests all have a rule, and returns them as `known`. */
  pack(
    partition: number,
    entries: readonly TallyEntry[],
    claimed = false,
  ): { keys: string[]; args: (string | Buffer)[]; known: TallyEntry[] } {
    const known = entries.filter(({ votes }) => this.#areKnown(votes));
    const { contests, choices, choiceOf, contestOf, sequences } = this.#toColumns(known);
    const keys = [streamKey, rulesKey, ledgerKey, failuresKey, countedByKey].map((key) => key(partition));
    this.#packContests(partition, known, { contests, keys });
    const out = this.#writer;
    out.array(choices.size);
    for (const choice of choices.keys()) out.latin1(choice);
    this.#packEntries(known);
    out.numbers(choiceOf);
    out.numbers(contests.size > 1 ? contestOf : []);
    out.numbers(sequences.some((sequence) => sequence > 0) ? sequences : []);
    const inRow = !claimed && known.length === entries.length;
    const own = [`${this.#bucketMs}`, this.#consumer, inRow ? '1' : '0'];
    const args = [TALLY_GROUP, countedChannel(partition), out.take(), ...own];
    return { keys, args, known };
  }

  #areKnown(votes: readonly TallyVote[]): boolean {
    let last: string | undefined;
    for (const { contest } of votes) {
      // Most entries have votes for one contest, so a check per change of the contest is enough.
      if (contest !== last && this.#ruleOf(contest) === undefined) return false;
      last = contest;
    }
    return true;
  }

  #toColumns(entries: readonly TallyEntry[]): VoteColumns {
    const contests = new Map<string, ContestVotes>();
    const choices = new Map<string, number>();
    const columns: VoteColumns = { contests, choices, choiceOf: [], contestOf: [], sequences: [] };
    let last: ContestVotes | undefined;
    for (const { votes } of entries) {
      for (const vote of votes) {
        const { contest, choice } = vote;
        if (contest !== last?.contest) last = contests.get(contest) ?? this.#addContest(contests, contest);
        last.hasIds ||= last.rule === 'open' && vote.voteId !== '';
        last.votes.push(vote);
        let number = choices.get(choice);
        if (number === undefined) {
          number = choices.size + 1;
          choices.set(choice, number);
        }
        columns.choiceOf.push(number);
        columns.contestOf.push(last.index);
        columns.sequences.push(vote.sequence);
      }
    }
    return columns;
  }

  #addContest(contests: Map<string, ContestVotes>, contest: string): ContestVotes {
    const rule = this.#ruleOf(contest) ?? 'open';
    const added = { contest, index: contests.size + 1, rule, hasIds: false, votes: [] };
    contests.set(contest, added);
    return added;
  }

  #packContests(
    partition: number,
    entries: readonly TallyEntry[],
    { contests, keys }: { contests: ReadonlyMap<string, ContestVotes>; keys: string[] },
  ): void {
    const out = this.#writer;
    const times = entries.map(({ position }) => position.ms);
    // A claimed entry may be older than entries that are already counted, so the adjacent buckets are read as well.
    const firstBucket = Math.floor(Math.min(...times) / this.#bucketMs) - 1;
    const lastBucket = Math.floor(Math.max(...times) / this.#bucketMs) + 1;
    out.array(contests.size);
    for (const [contest, { rule, hasIds, votes }] of contests) {
      out.array(7);
      out.latin1(contest);
      out.latin1(rule);
      out.number(keys.push(tallyKey(partition, contest)));
      out.number(keys.length + 1);
      out.number(firstBucket);
      out.number(hasIds ? lastBucket - firstBucket + 1 : 0);
      for (let b = firstBucket; hasIds && b <= lastBucket; b++) keys.push(voteIdsKey(partition, contest, b));
      out.array(rule === 'one-per-voter' || hasIds ? votes.length : 0);
      if (rule === 'one-per-voter') {
        keys.push(votersKey(partition, contest));
        for (const { voter } of votes) out.bytes(voter);
      } else if (hasIds) {
        for (const { voteId } of votes) out.latin1(voteId);
      }
    }
  }

  #packEntries(entries: readonly TallyEntry[]): void {
    const out = this.#writer;
    out.array(entries.length * 6);
    for (const { id, position, notify, votes } of entries) {
      const text = formatEntryId(id);
      out.latin1(text);
      out.latin1(position === id ? text : formatEntryId(position));
      out.number(position.ms);
      out.number(position.n);
      out.number(notify ? 1 : 0);
      out.number(votes.length);
    }
  }
}

/** The votes of a call as columns, in order of the entries. */
interface VoteColumns {
  readonly contests: ReadonlyMap<string, ContestVotes>;
  /** The number of each choice, from 1. */
  readonly choices: ReadonlyMap<string, number>;
  readonly choiceOf: number[];
  readonly contestOf: number[];
  readonly sequences: number[];
}

/** The votes of one contest in a call; `index` counts contests from 1. */
interface ContestVotes {
  readonly contest: string;
  readonly index: number;
  readonly rule: ContestRule;
  hasIds: boolean;
  readonly votes: TallyVote[];
}
