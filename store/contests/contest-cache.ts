import type { Redis } from '../redis/redis.ts';
import { parseText, recordOf } from '../redis/replies.ts';
import { contestsChannel, contestsKey } from '../streams/keys.ts';
import type { Contest, ContestRule } from './contest.ts';
import { ContestCodes } from './records/contest-codes.ts';
import { isSameOrOlder, ORIGIN_FIELD, readOrigin } from './records/contest-origin.ts';
import { DeletedContests } from './records/deleted-contests.ts';
import { parseStored } from './records/stored-contests.ts';
import { contestRuleText, deletedRuleText } from './rules/contest-rule.ts';
import type { SavedContests } from './saved-contests.ts';

/** A copy of Redis's contests in memory. It survives a loss of Redis's data, so that `restore` can write it back. */
export class ContestCache implements AsyncDisposable {
  readonly deleted: DeletedContests;
  readonly #redis: Redis;
  readonly #codes: ContestCodes;
  readonly #listeners = new Set<() => void>();
  #poll: NodeJS.Timeout | undefined;
  #list: readonly Contest[] = [];
  #byId = new Map<string, Contest>();
  #seen = '';
  /** Distinguishes the contests of this deployment from those created after a loss. */
  #origin = '';

  constructor(redis: Redis) {
    this.#redis = redis;
    this.deleted = new DeletedContests(redis);
    this.#codes = new ContestCodes(redis);
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
    return this.#byId.get(id)?.rule ?? this.deleted.get(id)?.rule;
  }

  rules(): string[] {
    const deleted = this.deleted.ids().filter((id) => !this.#byId.has(id));
    return [
      ...this.#list.flatMap((contest) => [contest.id, contestRuleText(contest)]),
      ...deleted.flatMap((id) => [id, deletedRuleText(this.ruleOf(id) ?? 'open')]),
    ];
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  saved(): SavedContests {
    return { contests: this.#list, deleted: this.deleted.entries() };
  }

  /** Reads the contests for the first time. */
  async load(): Promise<void> {
    this.#origin = (await readOrigin(this.#redis)) ?? '';
    await this.refresh();
  }

  /** Follows changes by other processes, and polls for changes whose message was lost. */
  async follow(pollMs: number): Promise<void> {
    const refresh = () => this.refresh().catch(ignoreUntilNextPoll);
    await this.#redis.subscribe([contestsChannel], refresh);
    // Picks up changes from before the subscription.
    void refresh();
    this.#poll = setInterval(refresh, pollMs);
  }

  async refresh(): Promise<void> {
    const [fields] = await Promise.all([
      this.#redis.send(contestsKey, ['HGETALL', contestsKey], recordOf(parseText)),
      this.deleted.refresh(),
    ]);
    const { [ORIGIN_FIELD]: origin, ...contests } = fields;
    // After a loss, the contests in memory must stay for `restore`.
    if (!isSameOrOlder(origin, this.#origin)) return;
    this.#origin = origin;
    const texts = Object.values(contests);
    const seen = texts.sort().join('\n');
    if (seen === this.#seen) return await this.#assignCodes(this.#list);
    const list = texts.flatMap(parseStored).sort((a, b) => (a.id < b.id ? -1 : 1));
    await this.#assignCodes(list);
    this.#list = list;
    this.#seen = seen;
    this.#byId = new Map(list.map((contest) => [contest.id, contest]));
    for (const listener of this.#listeners) listener();
  }

  async isIntact(): Promise<boolean> {
    return isSameOrOlder(await readOrigin(this.#redis), this.#origin);
  }

  async restore(overwrite: boolean): Promise<void> {
    const command = overwrite ? 'HSET' : 'HSETNX';
    for (const contest of this.#list) {
      await this.#redis.send(contestsKey, [command, contestsKey, contest.id, JSON.stringify(contest)]);
    }
    await this.deleted.restore();
    await this.#codes.restore();
    await this.#redis.send(contestsKey, ['HSET', contestsKey, ORIGIN_FIELD, this.#origin]);
    await this.announce('');
  }

  /** Makes all processes reload the contests; this one before it returns. */
  async announce(id: string): Promise<void> {
    await this.#redis.send(undefined, ['PUBLISH', contestsChannel, id]);
    await this.refresh();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#poll);
    this.#listeners.clear();
  }

  /** While Redis rejects writes, contests are served without a code. */
  async #assignCodes(list: readonly Contest[]): Promise<void> {
    await this.#codes.assign(list.map(({ id }) => id)).catch(ignoreUntilNextPoll);
  }
}

function ignoreUntilNextPoll(): void {
  // The connection reports that Redis is unreachable. The contests in memory stay valid.
}
