import type { Contest, ContestRule } from './contest.ts';
import type { ContestFieldError } from './fields/parse-contest.ts';
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
  /**
   * Removes the contest with its counts and voters. `log`: what becomes of its votes in the log, which dashboards see to;
   * default `kept`. Returns the contest as it was.
   */
  remove(id: string, log?: 'kept' | 'deleted'): Promise<ContestOutcome>;
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
