import { setTimeout as delay } from 'node:timers/promises';
import { parseTallyRule } from '../contests/rules/contest-rule.ts';
import { oneOf, parseText, recordOf, tupleOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { compareEntryIds, type EntryId, formatEntryId } from '../streams/entry-id.ts';
import { deadKey, failuresKey, rulesKey } from '../streams/keys.ts';
import { freezeContest, unfreezeContest } from './freeze.ts';
import { readGroupProgress } from './group-progress.ts';
import { hasReplays, readLetters } from './letters.ts';
import { groupByEntry } from './logged-entries.ts';
import type { RecountOptions } from './recount-options.ts';
import type { RecountEntry, RecountTables } from './recount-tables.ts';
import { countDifferingVoters, findDifferingVoters } from './voter-comparison.ts';

export const replaceScript = new LuaScript(new URL('./replace-tally.lua', import.meta.url));
const parseOutcome = oneOf(['ok', 'rule', 'freeze', 'letters']);
const parseReplaced = tupleOf(parseOutcome, recordOf(parseText), recordOf(parseText));

const POLL_MS = 20;
/** Maximum time for which the count of the contest stops, even if the recount is killed. */
const FREEZE_MS = 8000;
const ATTEMPTS = 10;
/** With fewer votes left to count, the freeze takes only milliseconds. */
const FEW_VOTES = 5000;
/** Maximum delay of the log behind the tally when the freeze begins. */
const NEAR_MS = 1000;

/** A partition's tables of a contest and those of the recount, at the same moment. */
export interface ComparedTables {
  readonly tally: Readonly<Record<string, string>>;
  readonly recounted: Readonly<Record<string, string>>;
  readonly votersDiffering: number;
}

interface Start {
  readonly tables: RecountTables;
  readonly partition: number;
  readonly epoch: string;
  /** Entries up to this id are counted from the scan of the whole log. */
  readonly from: EntryId;
}

/** The part of a recount in one partition, which runs while votes arrive. */
export class PartitionRecount {
  readonly start: Start;
  readonly #options: RecountOptions;
  /** Entries up to this id are counted, except those in `#held`. */
  #upTo: EntryId;
  /** Entries that were pending in the tally during a freeze, by id. */
  readonly #held = new Map<string, RecountEntry>();
  #deadline = 0;

  constructor(options: RecountOptions, start: Start) {
    this.#options = options;
    this.start = start;
    this.#upTo = start.from;
  }

  /** Catches up, compares and, with `apply`, replaces the tally. Undefined if the contest's rule or times changed. */
  async finish(): Promise<ComparedTables | undefined> {
    const { redis } = this.#options;
    const { partition, tables } = this.start;
    const unlogged = new Set<string>();
    this.#deadline = performance.now() + this.#options.waitMs;
    for (let attempt = 1; ; attempt++) {
      await this.#catchUp();
      const { voters } = tables.keys(partition);
      const suspects = voters && (await findDifferingVoters(redis, voters));
      const outcome = await this.#compare(suspects, unlogged);
      if (outcome === 'rule') return undefined;
      if (typeof outcome === 'object') return outcome;
      if (attempt === ATTEMPTS) {
        const why = outcome === 'letters' ? 'dead letters were replayed' : 'the log was too slow';
        throw new Error(`Partition ${partition}: ${why} during each of ${ATTEMPTS} attempts. Try again.`);
      }
    }
  }

  /** Counts entries that were handled in the meantime, until few are left. */
  async #catchUp(): Promise<void> {
    const { redis } = this.#options;
    const { partition } = this.start;
    for (;;) {
      const progress = await readGroupProgress(redis, partition);
      const votes = await this.#countUpTo(progress.both);
      // Under load the log is always slightly behind; `#compare` waits for the rest during the freeze.
      const { ms, n } = progress.tallyDelivered;
      const isLogBehind = !this.#covers(progress.log, { ms: ms - NEAR_MS, n });
      if (votes < FEW_VOTES && !isLogBehind && !(await hasReplays(redis, partition))) return;
      if (performance.now() > this.#deadline) throw this.#timeout();
      if (votes < FEW_VOTES) await delay(POLL_MS);
    }
  }

  async #compare(
    suspects: readonly Buffer[] | undefined,
    unlogged: Set<string>,
  ): Promise<ComparedTables | 'rule' | 'freeze' | 'letters'> {
    const { redis, contest, apply } = this.#options;
    const { partition, tables } = this.start;
    const { value, upTo, pending } = await freezeContest(redis, { partition, contest, ms: FREEZE_MS });
    try {
      if (!(await this.#waitForLog(upTo))) return 'freeze';
      await this.#countUpTo(upTo, pending);
      const letters = await readLetters({ ...this.#options, partition, epoch: this.start.epoch, upTo, pending });
      for (const entry of letters.unlogged) {
        const position = formatEntryId(entry.position);
        if (!unlogged.has(position)) await tables.count(partition, [entry]);
        unlogged.add(position);
      }
      await tables.settle();
      const { tally, voters, others } = tables.keys(partition);
      const votersDiffering = voters && suspects ? await countDifferingVoters(redis, voters, suspects) : 0;
      const [outcome, before, recounted] = await replaceScript.run(
        redis,
        [rulesKey(partition), deadKey(partition), failuresKey(partition), ...tally, ...others.flat()],
        [
          contest,
          tables.ruleOf(partition),
          value,
          apply ? '1' : '0',
          voters === undefined ? '1' : '0',
          `${letters.total}`,
          ...letters.counted,
        ],
        parseReplaced,
      );
      if (outcome !== 'ok') return outcome;
      // The log may lack some late votes.
      const late = Math.max(Number(before[':late'] ?? 0), Number(recounted[':late'] ?? 0));
      const isClosed = upTo.ms > this.#closesAt;
      return { tally: before, recounted: isClosed ? { ...recounted, ':late': `${late}` } : recounted, votersDiffering };
    } finally {
      await unfreezeContest(redis, partition, contest);
    }
  }

  async #waitForLog(upTo: EntryId): Promise<boolean> {
    const { redis } = this.#options;
    const freezeEnds = performance.now() + FREEZE_MS / 2;
    for (;;) {
      const { log } = await readGroupProgress(redis, this.start.partition);
      if (this.#covers(log, upTo)) return true;
      if (performance.now() > this.#deadline) throw this.#timeout();
      if (performance.now() > freezeEnds) return false;
      await delay(POLL_MS);
    }
  }

  #timeout(): Error {
    return new Error(
      `Partition ${this.start.partition} did not come to rest within ${this.#options.waitMs} ms: its log is behind its ` +
        'tally, or dead letters are being replayed. Check that consumers run for group log, and try again.',
    );
  }

  /** True if the log has everything that the tally has counted up to an id. Votes after the close cannot count. */
  #covers(log: EntryId, upTo: EntryId): boolean {
    return compareEntryIds(log, upTo) >= 0 || log.ms > this.#closesAt;
  }

  /** Infinity if the contest is open. */
  get #closesAt(): number {
    const closesAt = parseTallyRule(this.start.tables.ruleOf(this.start.partition))?.closes ?? 0;
    return closesAt > 0 ? closesAt : Number.POSITIVE_INFINITY;
  }

  /**
   * Counts the logged entries up to an id. Returns the number of counted votes.
   *
   * @param pending entries that the tally has not counted; undefined: both groups have handled everything up to `upTo`
   */
  async #countUpTo(upTo: EntryId, pending?: ReadonlySet<string>): Promise<number> {
    const { log, contest } = this.#options;
    const { tables, partition, epoch } = this.start;
    const before = tables.votes;
    const ready = [...this.#held].filter(([id]) => pending !== undefined && !pending.has(id));
    for (const [id] of ready) this.#held.delete(id);
    await tables.count(
      partition,
      ready.map(([, entry]) => entry),
    );
    if (compareEntryIds(upTo, this.#upTo) > 0) {
      let part: RecountEntry[] = [];
      for await (const { entry } of groupByEntry(log.range({ partition, epoch, after: this.#upTo, upTo }), contest)) {
        const id = formatEntryId(entry.position);
        if (pending?.has(id)) this.#held.set(id, entry);
        else if (part.push(entry) === 512) {
          await tables.count(partition, part);
          part = [];
        }
      }
      await tables.count(partition, part);
      this.#upTo = upTo;
    }
    await tables.settle();
    return tables.votes - before;
  }
}
