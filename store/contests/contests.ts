import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Redis } from '../redis/redis.ts';
import { nullable, parseInteger, parseText, recordOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { storeLog } from '../store-log.ts';
import { contestsChannel, contestsKey, rulesKey } from '../streams/keys.ts';
import { clearContest, readStreamTime } from './clear-contest.ts';
import type { Contest, ContestRule } from './contest.ts';
import { ContestCodes } from './contest-codes.ts';
import { contestRuleText, deletedRuleText } from './contest-rule.ts';
import { contestTag } from './contest-tag.ts';
import { CLOSE_DELAY_MS, closed, MAX_PAUSES, opened, paused } from './contest-times.ts';
import { equalLabels, updated } from './contest-update.ts';
import { defaultContests } from './default-contests.ts';
import { DeletedContests } from './deleted-contests.ts';
import { type ContestFieldError, parseContest, parseStoredContest } from './parse-contest.ts';
import type { SavedContests } from './saved-contests.ts';

/**
 * The contests of this deployment. `list` and `get` read from memory. Changes by other processes arrive through pub/sub,
 * and by polling if that message is lost.
 */
export interface ContestStore extends AsyncDisposable {
  /** Sorted by id. The array is replaced after each change and identical otherwise. */
  list(): readonly Contest[];
  get(id: string): Contest | undefined;
  /** The short code of a contest, such as `B7K2QX`; undefined until one is claimed. */
  codeOf(id: string): string | undefined;
  /** The contest of a short code as people type it. */
  findByCode(code: string): Contest | undefined;
  /** The rule by which votes for a contest are counted, also of a deleted one; undefined if there was never one. */
  ruleOf(id: string): ContestRule | undefined;
  /** The value of each contest in `{pN}:rules`, deleted ones included: id and value, alternating. */
  rules(): string[];
  /** Calls `listener` after each change of any contest. Returns a function that unsubscribes. */
  onChange(listener: () => void): () => void;
  /** Adds a contest from parsed JSON. */
  create(input: unknown): Promise<ContestOutcome>;
  /**
   * Replaces the fields that `input` (parsed JSON) names, see `updated`. Here and below, the outcome is `changed` if a
   * `tag` is given and the contest has another one.
   */
  update(id: string, input: unknown, tag?: string): Promise<ContestOutcome>;
  /** See contest-times.ts. */
  close(id: string, tag?: string): Promise<ContestOutcome>;
  pause(id: string, tag?: string): Promise<ContestOutcome>;
  open(id: string, tag?: string): Promise<ContestOutcome>;
  /**
   * Removes counts and voters; votes count again after `CLOSE_DELAY_MS`. The log keeps the older votes, and a recount does
   * not count them.
   */
  reset(id: string): Promise<ContestOutcome>;
  /** Removes the contest with its counts and voters. The log keeps its votes. Returns the contest as it was. */
  remove(id: string): Promise<ContestOutcome>;
  /** Reads the contests again without waiting for the next poll. */
  refresh(): Promise<void>;
  /** Whether Redis has these contests. They are lost if it came back empty, or another process created others since. */
  isIntact(): Promise<boolean>;
  /** Writes the contests in memory back to Redis. `overwrite`: also over those that another process created since. */
  restore(overwrite: boolean): Promise<void>;
  /** What a backup keeps. */
  saved(): SavedContests;
  /**
   * Adds the contests of a backup with their pauses and resets, and removes what was deleted. Contests
   * that exist are kept, except unchanged default ones, which the first start of a new Redis created.
   */
  putBack(saved: SavedContests): Promise<void>;
}

export type ContestOutcome =
  /** `before`: the version that was replaced. */
  | { readonly ok: true; readonly contest: Contest; readonly before?: Contest }
  | { readonly ok: false; readonly reason: 'invalid'; readonly errors: readonly ContestFieldError[] }
  | { readonly ok: false; readonly reason: 'unknown' }
  | { readonly ok: false; readonly reason: 'exists'; readonly id: string }
  /** It is another version than the one that the caller has. */
  | { readonly ok: false; readonly reason: 'changed'; readonly contest: Contest }
  /** In words. */
  | { readonly ok: false; readonly reason: 'limit'; readonly detail: string };

export interface ContestStoreOptions {
  readonly redis: Redis;
  readonly partitions: number;
  /** Milliseconds between polls for changes whose message was lost. Default 2,000. */
  readonly pollMs?: number;
}

/** Reads the contests; the first process of a deployment writes the default ones. */
export async function openContestStore(options: ContestStoreOptions): Promise<ContestStore> {
  const store = new RedisContestStore(options);
  await store.start();
  return store;
}

const replaceScript = new LuaScript(new URL('./replace-contest.lua', import.meta.url));

/** Replaces a contest's JSON, or removes it for an empty one, unless it changed since `old` was read; returns whether it did. */
export async function replaceContest(redis: Redis, id: string, old: string, contest: string): Promise<boolean> {
  return (await replaceScript.run(redis, [contestsKey], [id, old, contest], parseInteger)) === 1;
}

class RedisContestStore implements ContestStore {
  readonly #redis: Redis;
  readonly #partitions: number;
  readonly #pollMs: number;
  readonly #deleted: DeletedContests;
  readonly #codes: ContestCodes;
  readonly #listeners = new Set<() => void>();
  #poll: NodeJS.Timeout | undefined;
  #list: readonly Contest[] = [];
  #byId = new Map<string, Contest>();
  #seen = '';
  /** The field SEEDED: distinguishes the contests of this deployment from those created after a loss. */
  #origin = '';

  constructor({ redis, partitions, pollMs = 2000 }: ContestStoreOptions) {
    this.#redis = redis;
    this.#partitions = partitions;
    this.#pollMs = pollMs;
    this.#deleted = new DeletedContests(redis);
    this.#codes = new ContestCodes(redis);
  }

  async start(): Promise<void> {
    for (const contest of defaultContests) {
      const there = await this.#redis.send(contestsKey, ['HEXISTS', contestsKey, contest.id], parseInteger);
      if (there === 0 && (await this.#isFirstStart())) await this.#add(contest);
    }
    await this.#redis.send(contestsKey, ['HSETNX', contestsKey, SEEDED, newOrigin()]);
    this.#origin = (await this.#readOrigin()) ?? '';
    await this.refresh();
    // A partition that lost its data gets its rules back.
    for (const contest of this.#list) await this.#writeRules(contest, 'HSETNX');
    for (const id of this.#deleted.ids())
      await this.#writeRule(id, deletedRuleText(this.ruleOf(id) ?? 'open'), 'HSETNX');
    const refresh = () => this.refresh().catch(ignoreUntilNextPoll);
    // Subscribing comes last, so that a failed start leaves nothing behind; the refresh covers changes since the read.
    await this.#redis.subscribe([contestsChannel], refresh);
    void refresh();
    this.#poll = setInterval(refresh, this.#pollMs);
  }

  list(): readonly Contest[] {
    return this.#list;
  }

  get(id: string): Contest | undefined {
    return this.#byId.get(id);
  }

  codeOf(id: string): string | undefined {
    return this.#codes.codeOf(id);
  }

  findByCode(code: string): Contest | undefined {
    return this.get(this.#codes.idOf(code) ?? '');
  }

  ruleOf(id: string): ContestRule | undefined {
    return this.#byId.get(id)?.rule ?? this.#deleted.get(id)?.rule;
  }

  rules(): string[] {
    const deleted = this.#deleted.ids().filter((id) => !this.#byId.has(id));
    return [
      ...this.#list.flatMap((contest) => [contest.id, contestRuleText(contest)]),
      ...deleted.flatMap((id) => [id, deletedRuleText(this.ruleOf(id) ?? 'open')]),
    ];
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async create(input: unknown): Promise<ContestOutcome> {
    const parsed = parseContest(input);
    if (!parsed.ok) return { ...parsed, reason: 'invalid' };
    const errors = equalLabels(parsed.contest);
    if (errors.length > 0) return { ok: false, reason: 'invalid', errors };
    const { id } = parsed.contest;
    await this.#deleted.refresh();
    const deleted = this.#deleted.get(id);
    if (deleted !== undefined && deleted.rule !== parsed.contest.rule) {
      const message = `rule must be "${deleted.rule}", like that of the deleted contest ${id}; or choose another id.`;
      return { ok: false, reason: 'invalid', errors: [{ field: 'rule', message }] };
    }
    // The log may have votes of a deleted contest with this id, which a recount must not count.
    const contest = deleted === undefined ? parsed.contest : { ...parsed.contest, countsFrom: deleted.at };
    return (await this.#add(contest)) ? { ok: true, contest } : { ok: false, reason: 'exists', id };
  }

  update(id: string, input: unknown, tag?: string): Promise<ContestOutcome> {
    return this.#change(id, tag, async (old) => {
      const parsed = updated(old, input);
      return parsed.ok ? parsed : { ...parsed, reason: 'invalid' };
    });
  }

  close(id: string, tag?: string): Promise<ContestOutcome> {
    return this.#change(id, tag, async (old) => ({ ok: true, contest: closed(old, await this.#now()) }));
  }

  pause(id: string, tag?: string): Promise<ContestOutcome> {
    return this.#change(id, tag, async (old) => {
      const contest = paused(old, await this.#now());
      if (contest !== undefined) return { ok: true, contest };
      const detail = `A contest can be paused ${MAX_PAUSES} times; close and reopen it instead`;
      return { ok: false, reason: 'limit', detail };
    });
  }

  open(id: string, tag?: string): Promise<ContestOutcome> {
    return this.#change(id, tag, async (old) => ({ ok: true, contest: opened(old, await this.#now()) }));
  }

  async reset(id: string): Promise<ContestOutcome> {
    for (;;) {
      const outcome = await this.#change(id, undefined, async (old) => {
        const countsFrom = new Date((await this.#now()) + CLOSE_DELAY_MS).toISOString();
        return { ok: true, contest: { ...old, countsFrom } };
      });
      if (!outcome.ok) return outcome;
      const { countsFrom = '' } = outcome.contest;
      // From here on the tally skips votes up to `countsFrom`, so whatever is counted before that is removed.
      if (
        await this.#clear(id, contestRuleText(outcome.contest), { before: Date.parse(countsFrom), keepVersion: true })
      )
        return outcome;
    }
  }

  async remove(id: string): Promise<ContestOutcome> {
    for (;;) {
      const stored = await this.#read(id);
      if (stored === undefined) return { ok: false, reason: 'unknown' };
      const { text, contest } = stored;
      // Later than every vote that an edge may still accept.
      const at = new Date((await this.#now()) + CLOSE_DELAY_MS).toISOString();
      await this.#deleted.add(id, { rule: contest.rule, at });
      if (!(await replaceContest(this.#redis, id, text, ''))) continue;
      await this.#announce(contest);
      // No moment is too late: the tally counts no vote from then on.
      const before = Number.MAX_SAFE_INTEGER;
      await this.#clear(id, deletedRuleText(contest.rule), { before, keepVersion: false });
      return { ok: true, contest };
    }
  }

  async refresh(): Promise<void> {
    const [fields] = await Promise.all([
      this.#redis.send(contestsKey, ['HGETALL', contestsKey], recordOf(parseText)),
      this.#deleted.refresh(),
    ]);
    const { [SEEDED]: origin, ...contests } = fields;
    // After a loss, the contests in memory must survive until `restore`.
    if (!this.#accepts(origin)) return;
    this.#origin = origin;
    const texts = Object.values(contests);
    const seen = texts.sort().join('\n');
    if (seen === this.#seen) return await this.#assignCodes(this.#list);
    const list = texts.flatMap(readStored).sort((a, b) => (a.id < b.id ? -1 : 1));
    await this.#assignCodes(list);
    this.#list = list;
    this.#seen = seen;
    this.#byId = new Map(this.#list.map((contest) => [contest.id, contest]));
    for (const listener of this.#listeners) listener();
  }

  async isIntact(): Promise<boolean> {
    return this.#accepts(await this.#readOrigin());
  }

  async restore(overwrite: boolean): Promise<void> {
    const command = overwrite ? 'HSET' : 'HSETNX';
    for (const contest of this.#list) {
      await this.#redis.send(contestsKey, [command, contestsKey, contest.id, JSON.stringify(contest)]);
    }
    await this.#deleted.restore();
    await this.#codes.restore();
    await this.#redis.send(contestsKey, ['HSET', contestsKey, SEEDED, this.#origin]);
    await this.#redis.send(undefined, ['PUBLISH', contestsChannel, '']);
    await this.refresh();
  }

  /** A contest without a code is served all the same, while Redis rejects writes. */
  async #assignCodes(list: readonly Contest[]): Promise<void> {
    await this.#codes.assign(list.map(({ id }) => id)).catch(ignoreUntilNextPoll);
  }

  saved(): SavedContests {
    return { contests: this.#list, deleted: this.#deleted.entries() };
  }

  async putBack({ contests, deleted }: SavedContests): Promise<void> {
    const kept = new Set(contests.map(({ id }) => id));
    for (const [id, contest] of Object.entries(deleted)) {
      if (this.#deleted.get(id) !== undefined) continue;
      await this.#deleted.add(id, contest);
      if (isUntouchedDefault(this.#byId.get(id)) && !kept.has(id)) await this.remove(id);
      else await this.#writeRule(id, deletedRuleText(contest.rule), 'HSETNX');
    }
    for (const contest of contests) {
      if (await this.#add(contest)) continue;
      await this.#change(contest.id, undefined, async (old) => ({
        ok: true,
        contest: isUntouchedDefault(old) ? contest : old,
      }));
    }
  }

  #readOrigin(): Promise<string | null> {
    return this.#redis.send(contestsKey, ['HGET', contestsKey, SEEDED], nullable(parseText));
  }

  /** Contests that were created earlier are the deployment's: those created after a loss are only defaults. */
  #accepts(origin: string | null | undefined): origin is string {
    return typeof origin === 'string' && (origin === this.#origin || createdAt(origin) < createdAt(this.#origin));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#poll);
    this.#listeners.clear();
  }

  async #isFirstStart(): Promise<boolean> {
    return (await this.#redis.send(contestsKey, ['HEXISTS', contestsKey, SEEDED], parseInteger)) === 0;
  }

  /** The rules go first: no edge may accept a vote that the tally has no rule for. */
  async #add(contest: Contest): Promise<boolean> {
    await this.#writeRules(contest, 'HSETNX');
    const json = JSON.stringify(contest);
    const added = await this.#redis.send(contestsKey, ['HSETNX', contestsKey, contest.id, json], parseInteger);
    // An earlier attempt may have left rules of another kind behind.
    if (added === 1) await this.#writeRules(contest, 'HSET');
    await this.#announce(contest);
    return added === 1;
  }

  /**
   * Replaces a contest by what `make` returns for it, rules first. If another process changed it meanwhile, `make` is
   * called again with the new version, so that neither change is lost.
   */
  async #change(
    id: string,
    tag: string | undefined,
    make: (old: Contest) => Promise<ContestOutcome>,
  ): Promise<ContestOutcome> {
    for (let tries = 0; ; tries++) {
      const stored = await this.#read(id);
      if (stored === undefined) {
        const deleted = tries > 0 && this.#deleted.get(id);
        // The rules of the attempt that lost must not outlive the contest.
        if (deleted) await this.#writeRule(id, deletedRuleText(deleted.rule), 'HSET');
        return { ok: false, reason: 'unknown' };
      }
      const { text, contest: old } = stored;
      const outcome = isOther(old, tag) ? ({ ok: false, reason: 'changed', contest: old } as const) : await make(old);
      const contest = outcome.ok ? outcome.contest : old;
      // An attempt that lost the race wrote rules that belong to no version.
      if (contest !== old || tries > 0) await this.#writeRules(contest, 'HSET');
      if (contest === old) return outcome.ok ? { ...outcome, before: old } : outcome;
      if (!(await replaceContest(this.#redis, id, text, JSON.stringify(contest)))) continue;
      await this.#announce(contest);
      return outcome.ok ? { ...outcome, before: old } : outcome;
    }
  }

  async #read(id: string): Promise<{ text: string; contest: Contest } | undefined> {
    const text = await this.#redis.send(contestsKey, ['HGET', contestsKey, id], nullable(parseText));
    const [contest] = text === null || id === SEEDED ? [] : readStored(text);
    return text === null || contest === undefined ? undefined : { text, contest };
  }

  async #announce({ id }: Contest): Promise<void> {
    await this.#redis.send(undefined, ['PUBLISH', contestsChannel, id]);
    await this.refresh();
  }

  #writeRules(contest: Contest, command: 'HSET' | 'HSETNX'): Promise<void> {
    return this.#writeRule(contest.id, contestRuleText(contest), command);
  }

  async #writeRule(id: string, rule: string, command: 'HSET' | 'HSETNX'): Promise<void> {
    const keys = Array.from({ length: this.#partitions }, (_, partition) => rulesKey(partition));
    await Promise.all(keys.map((key) => this.#redis.send(key, [command, key, id, rule])));
  }

  /** Removes counts and voters in every partition; false if `before` has passed in one of them. */
  async #clear(contest: string, rule: string, options: { before: number; keepVersion: boolean }): Promise<boolean> {
    const partitions = Array.from({ length: this.#partitions }, (_, partition) => partition);
    const cleared = await Promise.all(
      partitions.map((partition) => clearContest(this.#redis, partition, { contest, rule, ...options })),
    );
    return cleared.every(Boolean);
  }

  #now(): Promise<number> {
    return readStreamTime(this.#redis, this.#partitions);
  }
}

// Not a valid contest id. Without this field a removed default contest would come back at each start.
const SEEDED = ':seeded';

/** `<ms since 1970>-<random>`; earlier versions wrote `1`. */
function newOrigin(): string {
  return `${Date.now()}-${randomBytes(6).toString('base64url')}`;
}

function createdAt(origin: string): number {
  return Number.parseInt(origin, 10) || 0;
}

function isUntouchedDefault(contest: Contest | undefined): boolean {
  return defaultContests.some((made) => isDeepStrictEqual(made, contest));
}

function isOther(contest: Contest, tag: string | undefined): boolean {
  return tag !== undefined && tag !== contestTag(contest);
}

/** An invalid contest is skipped and logged, so that the others are still served. */
function readStored(json: string): Contest[] {
  const parsed = parseStoredContest(json);
  if (parsed.ok) return [parsed.contest];
  const [{ field, message } = { field: '', message: '' }] = parsed.errors;
  storeLog.error(
    `Ignoring a contest in Redis that is not valid (hash ${contestsKey}): ${field}: ${message} ` +
      `Correct or delete its field; it holds ${json.slice(0, 200)}`,
  );
  return [];
}

function ignoreUntilNextPoll(): void {
  // The connection reports that Redis is unreachable; the contests in memory stay valid.
}
