import { hiddenResults, STORE_UNAVAILABLE, unknownContest } from '../../../http/common-problems.ts';
import type { Problem } from '../../../http/problem.ts';
import { type Contest, type ContestStatus, contestStatus, resultsHidden } from '../../../store/contests/contest.ts';
import type { ContestStore } from '../../../store/contests/contest-store.ts';
import type { ResultsReader } from '../../../store/tally/read-results.ts';
import type { Results } from '../../../store/tally/results.ts';

export type ResultsOutcome =
  | { readonly ok: true; readonly results: Results }
  | {
      readonly ok: false;
      readonly problem: Problem;
      /** Undefined if there is no such contest. */
      readonly status?: ContestStatus | undefined;
    };

/** Public results, on request and as they change. */
export interface ResultsFeed extends Disposable {
  contests(): readonly Contest[];
  /** The time in milliseconds since 1970, which decides the status of a contest. */
  now(): number;
  read(contest: string): Promise<ResultsOutcome>;
  /**
   * Calls `show` with the results at once, after each change and every 30 s, until `signal` aborts. A problem is passed
   * on once and ends the watch. The counts of a contest are read once per tick, whatever the number of watchers.
   */
  watch(contest: string, signal: AbortSignal, show: (outcome: ResultsOutcome) => void): void;
  /**
   * Like `watch`, but continues after a problem, and also passes on each change to another problem or back to results.
   */
  follow(contest: string, signal: AbortSignal, show: (outcome: ResultsOutcome) => void): void;
}

export interface ResultsFeedOptions {
  readonly contests: Pick<ContestStore, 'get' | 'list'>;
  readonly results: ResultsReader;
  /** The time in milliseconds since 1970, which decides whether a hidden contest is closed. */
  readonly now: () => number;
  /** How often to read the results, in milliseconds. Default 250. */
  readonly tickMs?: number;
}

export function createResultsFeed({ contests, results, now, tickMs = 250 }: ResultsFeedOptions): ResultsFeed {
  const watches = new Map<string, Watch>();
  const read = async (id: string): Promise<ResultsOutcome> => {
    const contest = contests.get(id);
    if (contest === undefined) return { ok: false, problem: unknownContest(id) };
    const status = contestStatus(contest, now());
    if (resultsHidden(contest, now())) return { ok: false, problem: hiddenResults(id), status };
    try {
      return { ok: true, results: await results.read(contest) };
    } catch {
      // The reader rejects only while Redis is unavailable.
      return { ok: false, problem: STORE_UNAVAILABLE, status };
    }
  };
  const follow: ResultsFeed['follow'] = (contest, signal, show) => {
    if (signal.aborted) return;
    let watch = watches.get(contest);
    if (watch === undefined) {
      watch = new Watch(
        () => read(contest),
        tickMs,
        () => watches.delete(contest),
      );
      watches.set(contest, watch);
    }
    watch.add(signal, show);
  };
  return {
    contests: () => contests.list(),
    now,
    read,
    follow,
    watch(contest, signal, show) {
      const ended = new AbortController();
      let hasResults = false;
      follow(contest, AbortSignal.any([signal, ended.signal]), (outcome) => {
        // While Redis is unavailable, the last results stay; only watchers without results get the problem.
        if (!outcome.ok && outcome.problem === STORE_UNAVAILABLE && hasResults) return;
        hasResults ||= outcome.ok;
        show(outcome);
        if (!outcome.ok) ended.abort();
      });
    },
    [Symbol.dispose]() {
      for (const watch of watches.values()) watch.stop();
    },
  };
}

/** Keeps proxies from closing the response, which they do after 60 s of silence. */
const REPEAT_MS = 30_000;

type Show = (outcome: ResultsOutcome) => void;

/** The watchers of one contest, and their shared timer. */
class Watch {
  readonly #read: () => Promise<ResultsOutcome>;
  readonly #onEmpty: () => void;
  readonly #timer: NodeJS.Timeout;
  readonly #watchers = new Set<Show>();
  #latest: ResultsOutcome | undefined;
  #reading = false;
  readonly #repeatTicks: number;
  #quietTicks = 0;

  constructor(read: () => Promise<ResultsOutcome>, tickMs: number, onEmpty: () => void) {
    this.#read = read;
    this.#onEmpty = onEmpty;
    this.#repeatTicks = Math.ceil(REPEAT_MS / tickMs);
    this.#timer = setInterval(() => void this.#tick(), tickMs);
    void this.#tick();
  }

  add(signal: AbortSignal, show: Show): void {
    this.#watchers.add(show);
    signal.addEventListener('abort', () => this.#remove(show), { once: true });
    if (this.#latest !== undefined) show(this.#latest);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#watchers.clear();
    this.#onEmpty();
  }

  #remove(show: Show): void {
    if (this.#watchers.delete(show) && this.#watchers.size === 0) this.stop();
  }

  async #tick(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    const outcome = await this.#read();
    this.#reading = false;
    if (!isChange(this.#latest, outcome) && ++this.#quietTicks < this.#repeatTicks) return;
    this.#quietTicks = 0;
    this.#latest = outcome;
    for (const show of this.#watchers) show(outcome);
  }
}

function isChange(before: ResultsOutcome | undefined, after: ResultsOutcome): boolean {
  if (before === undefined || before.ok !== after.ok) return true;
  if (!before.ok || !after.ok) {
    return before.ok || after.ok || before.problem.code !== after.problem.code || before.status !== after.status;
  }
  const [old, now] = [before.results, after.results];
  return old.version !== now.version || old.status !== now.status || old.options.length !== now.options.length;
}
