import { LuaScript } from '../redis/lua-script.ts';
import type { Redis } from '../redis/redis.ts';
import { contestsChannel, contestsKey, rulesKey } from '../streams/keys.ts';
import { type Contest, contestStatus } from './contest.ts';
import { defaultContests } from './default-contests.ts';
import { type ContestFieldError, parseContest, parseStoredContest } from './parse-contest.ts';

/**
 * The contests of this deployment. `list` and `get` answer from memory; what another process changes arrives through
 * pub/sub at once, and by polling should that message be lost.
 */
export interface ContestStore extends AsyncDisposable {
  /** In order of their ids. The array is another one after each change, and the same one otherwise. */
  list(): readonly Contest[];
  get(id: string): Contest | undefined;
  /** Calls `listener` after each change of any contest. Returns how to stop that. */
  onChange(listener: () => void): () => void;
  /** Adds a contest from parsed JSON. */
  create(input: unknown): Promise<ContestOutcome>;
  /**
   * Replaces the fields that `input` (parsed JSON) names. The id and the rule stay as they are, and an option can't be
   * taken away: votes for it may be counted.
   */
  update(id: string, input: unknown): Promise<ContestOutcome>;
  /**
   * Closes the contest in `CLOSE_DELAY_MS`, so that every partition knows before it takes effect; at once where it has
   * not opened yet.
   */
  close(id: string): Promise<ContestOutcome>;
  /** Reads the contests anew, without waiting for the next poll. */
  refresh(): Promise<void>;
}

export type ContestOutcome =
  | { readonly ok: true; readonly contest: Contest }
  | { readonly ok: false; readonly reason: 'invalid'; readonly errors: readonly ContestFieldError[] }
  | { readonly ok: false; readonly reason: 'unknown' }
  | { readonly ok: false; readonly reason: 'exists'; readonly id: string };

export interface ContestStoreOptions {
  readonly redis: Redis;
  readonly partitions: number;
  /** How often to look for changes that no message told of. Default 2,000. */
  readonly pollMs?: number;
}

/** How long after the call a contest closes that somebody closes by hand. */
export const CLOSE_DELAY_MS = 500;

/** Reads the contests; the first process of a deployment writes the default ones. */
export async function openContestStore(options: ContestStoreOptions): Promise<ContestStore> {
  const store = new RedisContestStore(options);
  await store.start();
  return store;
}

const replaceScript = new LuaScript(new URL('./replace-contest.lua', import.meta.url));

/** False where the contest is not what was read any more. Both are JSON. */
export async function replaceContest(redis: Redis, id: string, old: string, contest: string): Promise<boolean> {
  return (await replaceScript.run<number>(redis, [contestsKey], [id, old, contest])) === 1;
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

  constructor({ redis, partitions, pollMs = 2000 }: ContestStoreOptions) {
    this.#redis = redis;
    this.#partitions = partitions;
    this.#pollMs = pollMs;
  }

  async start(): Promise<void> {
    for (const contest of defaultContests) {
      const there = await this.#redis.send<number>(contestsKey, ['HEXISTS', contestsKey, contest.id]);
      if (there === 0 && (await this.#isFirstStart())) await this.#add(contest);
    }
    await this.#redis.send(contestsKey, ['HSETNX', contestsKey, SEEDED, '1']);
    await this.refresh();
    // A partition that lost its data gets its rules back.
    for (const contest of this.#list) await this.#writeRules(contest, 'HSETNX');
    const refresh = () => this.refresh().catch(ignoreUntilNextPoll);
    // Last: a start that failed leaves nothing behind. What changed since is read once more.
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
      // Redis's clock, by which entry ids are made.
      const [seconds, microseconds] = await this.#redis.send<[string, string]>(rulesKey(0), ['TIME']);
      const now = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
      const status = contestStatus(old, now);
      if (status === 'closed') return { ok: true, contest: old };
      // Before it opens nothing was taken in that has to get through, and until the close it would be open.
      const isOpen = status === 'open';
      const delayed = now + CLOSE_DELAY_MS;
      const soonest = old.closesAt === null ? delayed : Math.min(delayed, Date.parse(old.closesAt));
      const closesAt = isOpen ? soonest : now - CLOSE_DELAY_MS;
      const opensAt = isOpen ? old.opensAt : null;
      return { ok: true, contest: { ...old, opensAt, closesAt: new Date(closesAt).toISOString() } };
    });
  }

  async refresh(): Promise<void> {
    const pairs = await this.#redis.send<string[]>(contestsKey, ['HGETALL', contestsKey]);
    const texts: string[] = [];
    for (let i = 0; i < pairs.length; i += 2) if (pairs[i] !== SEEDED) texts.push(pairs[i + 1] ?? '');
    const seen = texts.sort().join('\n');
    if (seen === this.#seen) return;
    this.#list = texts.flatMap(readStored).sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#seen = seen;
    this.#byId = new Map(this.#list.map((contest) => [contest.id, contest]));
    for (const listener of this.#listeners) listener();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#poll);
    this.#listeners.clear();
  }

  async #isFirstStart(): Promise<boolean> {
    return (await this.#redis.send<number>(contestsKey, ['HEXISTS', contestsKey, SEEDED])) === 0;
  }

  /** The rules go first: no edge may take in a vote that a tally can't judge. */
  async #add(contest: Contest): Promise<boolean> {
    await this.#writeRules(contest, 'HSETNX');
    const json = JSON.stringify(contest);
    const added = await this.#redis.send<number>(contestsKey, ['HSETNX', contestsKey, contest.id, json]);
    // Rules that an earlier attempt left behind are not this contest's.
    if (added === 1) await this.#writeRules(contest, 'HSET');
    await this.#announce(contest);
    return added === 1;
  }

  /**
   * Puts what `make` makes of a contest in its place, the rules first as well. Where somebody else changed it meanwhile,
   * `make` is asked again, so that neither change is lost.
   */
  async #change(id: string, make: (old: Contest) => Promise<ContestOutcome>): Promise<ContestOutcome> {
    for (let tries = 0; ; tries++) {
      const text = await this.#redis.send<string | null>(contestsKey, ['HGET', contestsKey, id]);
      if (text === null || id === SEEDED) return { ok: false, reason: 'unknown' };
      const [old] = readStored(text);
      if (old === undefined) return { ok: false, reason: 'unknown' };
      const outcome = await make(old);
      const contest = outcome.ok ? outcome.contest : old;
      // The rules of an attempt that came too late are nobody's.
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

// Can't be a contest's id. Without it, a default contest that somebody removed would come back at each start.
const SEEDED = ':seeded';

/**
 * What `{pN}:rules` holds for a contest: `<rule> <opensAtMs> <closesAtMs>`, 0 where there is no such time. No vote is
 * from before 1970: a time from then is the first one that says the same.
 */
export function contestRuleText({ rule, opensAt, closesAt }: Contest): string {
  const opens = opensAt === null ? 0 : Math.max(0, Date.parse(opensAt));
  const closes = closesAt === null ? 0 : Math.max(1, Date.parse(closesAt));
  return `${rule} ${opens} ${closes}`;
}

function fixedFields(old: Contest, next: Contest): ContestFieldError[] {
  const errors: ContestFieldError[] = [];
  if (next.id !== old.id) errors.push({ field: 'id', message: `The id stays "${old.id}".` });
  if (next.rule !== old.rule) errors.push({ field: 'rule', message: `The rule stays "${old.rule}".` });
  for (const option of old.options) {
    if (!next.options.some(({ id }) => id === option.id)) {
      errors.push({
        field: 'options',
        message: `Option "${option.id}" can't be taken away: votes for it may be counted.`,
      });
    }
  }
  return errors;
}

/** One that breaks the rules is left out and named: it must not keep the others from being served. */
function readStored(json: string): Contest[] {
  const parsed = parseStoredContest(json);
  if (parsed.ok) return [parsed.contest];
  const [{ field, message } = { field: '', message: '' }] = parsed.errors;
  console.error(
    `Ignoring a contest in Redis that is not valid (hash ${contestsKey}): ${field}: ${message} ` +
      `Correct or delete its field; it holds ${json.slice(0, 200)}`,
  );
  return [];
}

function ignoreUntilNextPoll(): void {
  // Redis is away, as the connection itself reports; what is in memory stays valid.
}
