import { randomBytes } from 'node:crypto';
import type { Redis } from '../redis/redis.ts';
import { readRedisTime } from '../redis/redis-time.ts';
import { nullable, parseInteger, parseText, recordOf } from '../redis/replies.ts';
import { LuaScript } from '../redis/scripts/lua-script.ts';
import { storeLog } from '../store-log.ts';
import { contestsChannel, contestsKey, rulesKey } from '../streams/keys.ts';
import { type Contest, contestStatus } from './contest.ts';
import { defaultContests } from './default-contests.ts';
import { type ContestFieldError, parseContest, parseStoredContest } from './parse-contest.ts';

/**
 * The contests of this deployment. `list` and `get` read from memory. Changes by other processes arrive through pub/sub,
 * and by polling if that message is lost.
 */
export interface ContestStore extends AsyncDisposable {
  /** Sorted by id. The array is replaced after each change and identical otherwise. */
  list(): readonly Contest[];
  get(id: string): Contest | undefined;
  /** Calls `listener` after each change of any contest. Returns a function that unsubscribes. */
  onChange(listener: () => void): () => void;
  /** Adds a contest from parsed JSON. */
  create(input: unknown): Promise<ContestOutcome>;
  /**
   * Replaces the fields that `input` (parsed JSON) names. The id and the rule cannot change, and options cannot be
   * removed, because votes for them may be counted.
   */
  update(id: string, input: unknown): Promise<ContestOutcome>;
  /**
   * Closes the contest after `CLOSE_DELAY_MS`, so that every partition has the new rule before it takes effect; at once
   * if the contest has not opened yet.
   */
  close(id: string): Promise<ContestOutcome>;
  /** Reads the contests again without waiting for the next poll. */
  refresh(): Promise<void>;
  /** Whether Redis has these contests. They are lost if it came back empty, or another process created others since. */
  isIntact(): Promise<boolean>;
  /** Writes the contests in memory back to Redis. `overwrite`: also over those that another process created since. */
  restore(overwrite: boolean): Promise<void>;
}

export type ContestOutcome =
  | { readonly ok: true; readonly contest: Contest }
  | { readonly ok: false; readonly reason: 'invalid'; readonly errors: readonly ContestFieldError[] }
  | { readonly ok: false; readonly reason: 'unknown' }
  | { readonly ok: false; readonly reason: 'exists'; readonly id: string };

export interface ContestStoreOptions {
  readonly redis: Redis;
  readonly partitions: number;
  /** Milliseconds between polls for changes whose message was lost. Default 2,000. */
  readonly pollMs?: number;
}

/** Delay between a call of `close` and the close of an open contest. */
export const CLOSE_DELAY_MS = 500;

/** Reads the contests; the first process of a deployment writes the default ones. */
export async function openContestStore(options: ContestStoreOptions): Promise<ContestStore> {
  const store = new RedisContestStore(options);
  await store.start();
  return store;
}

const replaceScript = new LuaScript(new URL('./replace-contest.lua', import.meta.url));

/** Replaces a contest's JSON unless it changed since `old` was read; returns whether it did. */
export async function replaceContest(redis: Redis, id: string, old: string, contest: string): Promise<boolean> {
  return (await replaceScript.run(redis, [contestsKey], [id, old, contest], parseInteger)) === 1;
}

class RedisContestStore implements ContestStore {
  readonly #redis: Redis;
  readonly #partitions: number;
  readonly #pollMs: number;
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

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async create(input: unknown): Promise<ContestOutcome> {
    const parsed = parseContest(input);
    if (!parsed.ok) return { ...parsed, reason: 'invalid' };
    const isNew = await this.#add(parsed.contest);
    return isNew ? { ok: true, contest: parsed.contest } : { ok: false, reason: 'exists', id: parsed.contest.id };
  }

  update(id: string, input: unknown): Promise<ContestOutcome> {
    return this.#change(id, async (old) => {
      if (typeof input !== 'object' || input === null || Array.isArray(input)) {
        const errors = [{ field: '', message: 'A change of a contest must be a JSON object.' }];
        return { ok: false, reason: 'invalid', errors };
      }
      const parsed = parseContest({ ...old, ...input });
      if (!parsed.ok) return { ...parsed, reason: 'invalid' };
      const errors = fixedFields(old, parsed.contest);
      return errors.length > 0 ? { ok: false, reason: 'invalid', errors } : parsed;
    });
  }

  close(id: string): Promise<ContestOutcome> {
    return this.#change(id, async (old) => {
      // Redis's clock, which entry ids are made from.
      const now = Math.floor(await readRedisTime(this.#redis, rulesKey(0)));
      const status = contestStatus(old, now);
      if (status === 'closed') return { ok: true, contest: old };
      // Before the opening no vote was accepted that still has to be counted, so the close needs no delay.
      const isOpen = status === 'open';
      const delayed = now + CLOSE_DELAY_MS;
      const soonest = old.closesAt === null ? delayed : Math.min(delayed, Date.parse(old.closesAt));
      const closesAt = isOpen ? soonest : now - CLOSE_DELAY_MS;
      const opensAt = isOpen ? old.opensAt : null;
      return { ok: true, contest: { ...old, opensAt, closesAt: new Date(closesAt).toISOString() } };
    });
  }

  async refresh(): Promise<void> {
    const fields = await this.#redis.send(contestsKey, ['HGETALL', contestsKey], recordOf(parseText));
    const { [SEEDED]: origin, ...contests } = fields;
    // After a loss, the contests in memory must survive until `restore`.
    if (!this.#accepts(origin)) return;
    this.#origin = origin;
    const texts = Object.values(contests);
    const seen = texts.sort().join('\n');
    if (seen === this.#seen) return;
    this.#list = texts.flatMap(readStored).sort((a, b) => (a.id < b.id ? -1 : 1));
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
    await this.#redis.send(contestsKey, ['HSET', contestsKey, SEEDED, this.#origin]);
    await this.#redis.send(undefined, ['PUBLISH', contestsChannel, '']);
    await this.refresh();
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
  async #change(id: string, make: (old: Contest) => Promise<ContestOutcome>): Promise<ContestOutcome> {
    for (let tries = 0; ; tries++) {
      const text = await this.#redis.send(contestsKey, ['HGET', contestsKey, id], nullable(parseText));
      if (text === null || id === SEEDED) return { ok: false, reason: 'unknown' };
      const [old] = readStored(text);
      if (old === undefined) return { ok: false, reason: 'unknown' };
      const outcome = await make(old);
      const contest = outcome.ok ? outcome.contest : old;
      // An attempt that lost the race wrote rules that belong to no version.
      if (contest !== old || tries > 0) await this.#writeRules(contest, 'HSET');
      if (contest === old) return outcome;
      if (!(await replaceContest(this.#redis, id, text, JSON.stringify(contest)))) continue;
      await this.#announce(contest);
      return outcome;
    }
  }

  async #announce({ id }: Contest): Promise<void> {
    await this.#redis.send(undefined, ['PUBLISH', contestsChannel, id]);
    await this.refresh();
  }

  async #writeRules(contest: Contest, command: 'HSET' | 'HSETNX'): Promise<void> {
    const rule = contestRuleText(contest);
    const keys = Array.from({ length: this.#partitions }, (_, partition) => rulesKey(partition));
    await Promise.all(keys.map((key) => this.#redis.send(key, [command, key, contest.id, rule])));
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

/**
 * The value in `{pN}:rules` for a contest: `<rule> <opensAtMs> <closesAtMs>`, 0 for no time. Times before 1970 become
 * the first value with the same meaning, as no vote is that old.
 */
export function contestRuleText({ rule, opensAt, closesAt }: Contest): string {
  const opens = opensAt === null ? 0 : Math.max(0, Date.parse(opensAt));
  const closes = closesAt === null ? 0 : Math.max(1, Date.parse(closesAt));
  return `${rule} ${opens} ${closes}`;
}

function fixedFields(old: Contest, next: Contest): ContestFieldError[] {
  const errors: ContestFieldError[] = [];
  if (next.id !== old.id) errors.push({ field: 'id', message: `id cannot change; it is "${old.id}".` });
  if (next.rule !== old.rule) errors.push({ field: 'rule', message: `rule cannot change; it is "${old.rule}".` });
  for (const option of old.options) {
    if (!next.options.some(({ id }) => id === option.id)) {
      errors.push({
        field: 'options',
        message: `Option "${option.id}" cannot be removed: votes for it may be counted.`,
      });
    }
  }
  return errors;
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
