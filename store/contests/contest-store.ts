import type { Contest, ContestRule } from './contest.ts';
import type { ContestFieldError } from './fields/parse-contest.ts';
import type { SavedContests } from './saved-contests.ts';

/**
 * The contests of this deployment. `list` and `get` read from memory. Changes by other processes arrive by pub/sub, or
 * by polling if a message is lost.
 */
export interface ContestStore extends AsyncDisposable {
  /** Sorted by id. The same array until a contest changes. */
  list(): readonly Contest[];
  get(id: string): Contest | undefined;
  /** The short code of a contest, such as `B7K2QX`; undefined until one is claimed. */
  codeOf(id: string): string | undefined;
  /** The contest with this short code, in any case, with or without spaces and dashes. */
  findByCode(code: string): Contest | undefined;
  /** The rule for counting a contest's votes, also for deleted contests; undefined if the contest never existed. */
  ruleOf(id: string): ContestRule | undefined;
  /** Alternating ids and `{pN}:rules` values of all contests, including deleted ones. */
  rules(): string[];
  /** Calls `listener` after each change of any contest. Returns a function that unsubscribes. */
  onChange(listener: () => void): () => void;
  /** Creates a contest from parsed JSON. */
  create(input: unknown): Promise<ContestOutcome>;
  /**
   * Replaces the fields in `input` (parsed JSON), see `updated`. Here and below, the outcome is `changed` if `tag` is
   * given and differs from the contest's tag.
   */
  update(id: string, input: unknown, tag?: string): Promise<ContestOutcome>;
  /** See contest-times.ts. */
  close(id: string, tag?: string): Promise<ContestOutcome>;
  pause(id: string, tag?: string): Promise<ContestOutcome>;
  open(id: string, tag?: string): Promise<ContestOutcome>;
  /**
   * Removes counts and voters; votes count again after `CLOSE_DELAY_MS`. The log keeps the older votes, but a recount
   * does not count them.
   */
  reset(id: string): Promise<ContestOutcome>;
  /**
   * Removes the contest with its counts and voters. `log` says whether dashboards also delete its votes from the log;
   * default `kept`. Returns the removed contest.
   */
  remove(id: string, log?: 'kept' | 'deleted'): Promise<ContestOutcome>;
  /** Reloads the contests without waiting for the next poll. */
  refresh(): Promise<void>;
  /** False if Redis lost these contests: it came back empty, or another process has created other contests since. */
  isIntact(): Promise<boolean>;
  /**
   * Writes the contests in memory back to Redis. `overwrite` replaces those that another process created since the
   * loss.
   */
  restore(overwrite: boolean): Promise<void>;
  /** The contests for a backup. */
  saved(): SavedContests;
  /**
   * Adds the contests of a backup with their pauses and resets, and removes those that were deleted before the backup.
   * Existing contests are kept, except unchanged default ones, which the first start with a new Redis created.
   */
  restoreSaved(saved: SavedContests): Promise<void>;
}

export type ContestOutcome =
  /** `before`: the version that was replaced. */
  | { readonly ok: true; readonly contest: Contest; readonly before?: Contest }
  | { readonly ok: false; readonly reason: 'invalid'; readonly errors: readonly ContestFieldError[] }
  | { readonly ok: false; readonly reason: 'unknown' }
  | { readonly ok: false; readonly reason: 'exists'; readonly id: string }
  /** The contest's version differs from the caller's. */
  | { readonly ok: false; readonly reason: 'changed'; readonly contest: Contest }
  /** `detail` is a message for people. */
  | { readonly ok: false; readonly reason: 'limit'; readonly detail: string };
