import { randomBytes } from 'node:crypto';
import type { Contest } from '../../../store/contests/contest.ts';
import type { Results } from '../../../store/tally/results.ts';
import type { ContestSummary, ContestView } from '../../api/contests.ts';
import type { History, OptionHistoryView, ResultsEvents } from '../../api/results.ts';
import { contestSummary, contestView } from '../contests/contest-view.ts';
import type { ReadVersion } from './contest-versions.ts';
import { CountHistory, SAMPLE_MS } from './count-history.ts';
import type { HistoryStore } from './history-store.ts';
import { OptionHistory } from './option-history.ts';
import { heartbeatFrame, type SseFrame, sseFrame } from './sse-frame.ts';
import type { SseViewer } from './sse-viewer.ts';
import { StaleWatch } from './stale-watch.ts';

export interface ResultsHubOptions {
  readonly contests: { list(): readonly Contest[]; codeOf?(id: string): string | undefined };
  readonly results: { read(contest: Contest): Promise<Results> };
  readonly readVersion: ReadVersion;
  /** Redis's clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** How often counts are read while there are viewers. */
  readonly tickMs: number;
  readonly heartbeatMs?: number;
  /** True if `staleSince` is needed even without viewers of results. Default: never. */
  readonly isWatched?: () => boolean;
  /** Where the histories are stored. Default: in memory only. */
  readonly stored?: HistoryStore;
}

/** The contests of a stream. `list` adds the list of all contests. `all` ignores `contests`. */
export interface Scope {
  readonly all: boolean;
  readonly contests: ReadonlySet<string>;
  readonly list: boolean;
}

/** The latest event of a slot. */
interface Snapshot {
  readonly slot: string;
  /** undefined: the event belongs to the list of contests. */
  readonly contest: string | undefined;
  /** The payload, to see whether a new one differs. */
  readonly text: string;
  /** Counts the changes of all slots together: the source of event ids. */
  readonly revision: number;
  readonly frame: SseFrame;
}

interface Known {
  readonly contest: Contest;
  readonly results: Results;
  /** When the version last changed. Rounded to ten seconds, because each change sends the list again. */
  readonly activeAt: number | null;
}

/** Contests without viewers that are read per sample; reading all of 1,000 would load Redis. */
const MAX_UNWATCHED = 50;
/** Contests in one event of the list. */
const LIST_CHUNK = 200;
const ACTIVITY_STEP_MS = 10_000;

/**
 * Reads the counts of the watched contests once per tick, whatever the number of viewers, encodes each change once, and
 * hands the same bytes to every viewer.
 */
export class ResultsHub implements Disposable {
  readonly #options: ResultsHubOptions;
  /** Part of event ids, because ids of another run of this server are not comparable. */
  readonly #boot = randomBytes(4).toString('hex');
  readonly #viewers = new Map<SseViewer, Scope>();
  /** Scopes of viewers that wait for their first state. */
  readonly #joining = new Set<Scope>();
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #known = new Map<string, Known>();
  readonly #history = new CountHistory();
  readonly #optionHistory = new OptionHistory();
  /** Contests whose stored history was requested. */
  readonly #loaded = new Set<string>();
  readonly #stale = new StaleWatch((since) => this.#broadcast(staleFrame(since), 'stale'));
  readonly #timers: NodeJS.Timeout[];
  #revision = 0;
  #sampledAt = 0;
  #nextUnwatched = 0;
  #tick: Promise<void> | undefined;
  #ended = false;

  constructor(options: ResultsHubOptions) {
    this.#options = options;
    this.#timers = [
      setInterval(() => this.#maybeTick(), options.tickMs),
      setInterval(() => this.#broadcast(heartbeatFrame(new Date()), 'beat'), options.heartbeatMs ?? 10_000),
    ];
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  /** When the counts became unreadable; null: they are readable. */
  get staleSince(): string | null {
    return this.#stale.since;
  }

  /** Adds a viewer and sends it the current state, or the changes since the event `lastEventId`. */
  async watch(viewer: SseViewer, scope: Scope, lastEventId: string | undefined): Promise<void> {
    let isOpen = true;
    viewer.onClose(() => {
      isOpen = false;
      this.#viewers.delete(viewer);
    });
    const isNews = [...scope.contests].some((id) => !this.#snapshots.has(`results ${id}`));
    // Counts of contests without viewers are up to a second old, or unknown.
    if (this.#viewers.size === 0 || isNews || scope.all) {
      this.#joining.add(scope);
      await this.tick();
      this.#joining.delete(scope);
    }
    if (!isOpen) return;
    // The server is stopping and waits for its viewers to leave.
    if (this.#ended) return viewer.end();
    const since = this.#revisionOf(lastEventId);
    viewer.send(heartbeatFrame(new Date()), 'beat');
    if (this.#stale.since !== null) viewer.send(staleFrame(this.#stale.since), 'stale');
    for (const snapshot of this.#snapshots.values()) {
      if (snapshot.revision > since && isIn(scope, snapshot)) viewer.send(snapshot.frame, snapshot.slot);
    }
    this.#viewers.set(viewer, scope);
  }

  /** Votes counted at each of the last seconds. The caller checks `resultsHidden`. */
  history(contest: string): History {
    return this.#history.of(contest);
  }

  /** The counts of each option over the last day. The caller checks `resultsHidden`. */
  optionHistory(contest: string): OptionHistoryView {
    return this.#optionHistory.of(contest, this.#options.now());
  }

  /** Reads the counts once and sends the changes. Ticks do not overlap. */
  async tick(): Promise<void> {
    this.#tick ??= this.#read().finally(() => {
      this.#tick = undefined;
    });
    return this.#tick;
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const viewer of this.#viewers.keys()) viewer.end();
    this.#viewers.clear();
  }

  #maybeTick(): void {
    this.#stale.check();
    const isWatched = this.#viewers.size > 0 || this.#options.isWatched?.() === true;
    if (isWatched || Date.now() - this.#sampledAt >= SAMPLE_MS) void this.tick();
  }

  async #read(): Promise<void> {
    this.#stale.begin();
    const contests = this.#options.contests.list();
    const [sampledAt, now] = [Date.now(), this.#options.now()];
    const isSample = sampledAt - this.#sampledAt >= SAMPLE_MS - 20;
    const due = this.#due(contests, isSample);
    const read = await Promise.allSettled(due.map((contest) => this.#readOne(contest, now)));
    const failed = read.some(({ status }) => status === 'rejected');
    this.#stale.end(!failed);
    if (isSample && !failed) this.#sampledAt = sampledAt;
    this.#updateList(contests, now);
    for (const outcome of read) {
      if (outcome.status === 'rejected') continue;
      const { contest, results } = outcome.value;
      this.#update(contestView(contest, now, this.#options.contests.codeOf?.(contest.id)), results);
      if (!isSample) continue;
      this.#addToHistory(results, now);
    }
  }

  #addToHistory(results: Results, now: number): void {
    const { stored } = this.#options;
    this.#history.add(results, now);
    const isChanged = this.#optionHistory.add(results, now);
    if (stored === undefined) return;
    const { contest } = results;
    if (!this.#loaded.has(contest)) {
      this.#loaded.add(contest);
      void this.#loadHistory(stored, results, now).catch(() => this.#loaded.delete(contest));
    }
    // A gap in the history is acceptable.
    if (isChanged) stored.add(results, now).catch(ignoreError);
  }

  /** Loads what other dashboards, or earlier runs of this one, have stored. */
  async #loadHistory(stored: HistoryStore, { contest, options }: Results, now: number): Promise<void> {
    const known = await stored.load(
      contest,
      options.map(({ id }) => id),
    );
    this.#optionHistory.prepend(contest, known);
    this.#history.prepend(contest, known.votes, now);
  }

  /** The watched contests, but at least one, to notice a frozen Redis; with a sample, some of the others in turn. */
  #due(contests: readonly Contest[], isSample: boolean): readonly Contest[] {
    const scopes = [...this.#viewers.values(), ...this.#joining];
    const isWatched = ({ id }: Contest) => scopes.some((scope) => scope.all || scope.contests.has(id));
    const watched = contests.filter(isWatched);
    if (!isSample || watched.length === contests.length) return watched.length > 0 ? watched : contests.slice(0, 1);
    const others = contests.filter((contest) => !isWatched(contest));
    const from = this.#nextUnwatched % others.length;
    this.#nextUnwatched = from + MAX_UNWATCHED;
    return [...watched, ...[...others, ...others].slice(from, from + Math.min(MAX_UNWATCHED, others.length))];
  }

  async #readOne(contest: Contest, now: number): Promise<Known> {
    const before = this.#known.get(contest.id);
    const version = await this.#options.readVersion(contest.id);
    if (before?.contest === contest && before.results.version === version) return before;
    const results = await this.#options.results.read(contest);
    const isActive = before !== undefined && before.results.version !== results.version;
    const activeAt = isActive ? now - (now % ACTIVITY_STEP_MS) : (before?.activeAt ?? null);
    const known = { contest, results, activeAt };
    this.#known.set(contest.id, known);
    return known;
  }

  #updateList(contests: readonly Contest[], now: number): void {
    const summaries = contests.map((contest) => contestSummary(contest, now, this.#known.get(contest.id)?.activeAt));
    for (let from = 0; from === 0 || from < summaries.length; from += LIST_CHUNK) {
      const chunk: readonly ContestSummary[] = summaries.slice(from, from + LIST_CHUNK);
      const data: ResultsEvents['contests'] = { from, total: summaries.length, contests: chunk };
      this.#publish({ slot: `list ${from}`, contest: undefined, event: 'contests', data });
    }
    const ids = new Set(contests.map(({ id }) => id));
    for (const [slot, { contest }] of this.#snapshots) {
      const isGone = contest === undefined ? Number(slot.slice(5)) >= Math.max(1, summaries.length) : !ids.has(contest);
      if (isGone) this.#snapshots.delete(slot);
    }
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    for (const id of this.#loaded) {
      if (ids.has(id)) continue;
      this.#loaded.delete(id);
      // A new contest with this id must not inherit the history.
      this.#options.stored?.remove(id).catch(ignoreError);
    }
    this.#history.keepOnly(ids);
    this.#optionHistory.keepOnly(ids);
  }

  #update(view: ContestView, results: Results): void {
    const { id: contest, status } = view;
    this.#publish({ slot: `contest ${contest}`, contest, event: 'contest', data: view });
    const hidden: ResultsEvents['hidden'] = { contest, status };
    this.#publish(
      view.resultsHidden
        ? { slot: `results ${contest}`, contest, event: 'hidden', data: hidden }
        : { slot: `results ${contest}`, contest, event: 'results', data: { ...results, status } },
    );
  }

  /** Sends an event to the viewers in whose scope it is, if it differs from the last one of its slot. */
  #publish({
    slot,
    contest,
    event,
    data,
  }: Pick<Snapshot, 'slot' | 'contest'> & { event: string; data: unknown }): void {
    const text = JSON.stringify([event, data]);
    if (this.#snapshots.get(slot)?.text === text) return;
    const revision = ++this.#revision;
    const frame = sseFrame(event, data, `${this.#boot}-${revision}`);
    const snapshot = { slot, contest, text, revision, frame };
    this.#snapshots.set(slot, snapshot);
    for (const [viewer, scope] of this.#viewers) if (isIn(scope, snapshot)) viewer.send(frame, slot);
  }

  #revisionOf(lastEventId: string | undefined): number {
    const match = /^([0-9a-f]{8})-(\d{1,15})$/.exec(lastEventId ?? '');
    return match?.[1] === this.#boot ? Number(match[2]) : 0;
  }

  #broadcast(frame: SseFrame, slot: string): void {
    for (const viewer of this.#viewers.keys()) viewer.send(frame, slot);
  }
}

function ignoreError(): void {
  // Redis is unavailable; viewers are notified elsewhere.
}

function isIn(scope: Scope, { contest }: Pick<Snapshot, 'contest'>): boolean {
  if (contest === undefined) return scope.list;
  return scope.all || scope.contests.has(contest);
}

function staleFrame(since: string | null): SseFrame {
  const data: ResultsEvents['stale'] = { since };
  return sseFrame('stale', data);
}
