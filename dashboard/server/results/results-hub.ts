import { randomBytes } from 'node:crypto';
import type { Contest } from '../../../store/contests/contest.ts';
import type { Results } from '../../../store/tally/results.ts';
import type { ContestView } from '../../api/contests.ts';
import type { History, ResultsEvents } from '../../api/results.ts';
import { contestView } from '../contests/contest-view.ts';
import { heartbeatFrame, type SseViewer, sseFrame } from './sse-viewer.ts';

export interface ResultsHubOptions {
  readonly contests: { list(): readonly Contest[] };
  readonly results: { read(contest: Contest): Promise<Results> };
  /** How often counts are read while somebody watches. */
  readonly tickMs: number;
  readonly heartbeatMs?: number;
}

/** What was last sent of one contest. */
interface Snapshot {
  readonly contest: string;
  /** The payload, to see whether a new one differs. */
  readonly text: string;
  /** Counts the changes of all contests together: what event ids are made of. */
  readonly revision: number;
  readonly frame: Uint8Array;
}

/** Without viewers the counts are still read this often, for the history. */
const SAMPLE_MS = 1000;
const HISTORY_POINTS = 600;

/**
 * Reads the counts once a tick, however many watch, encodes each change once, and hands the same bytes to every viewer.
 */
export class ResultsHub implements Disposable {
  readonly #options: ResultsHubOptions;
  /** Event ids of another run of this server mean nothing here. */
  readonly #boot = randomBytes(4).toString('hex');
  readonly #viewers = new Map<SseViewer, string | undefined>();
  readonly #snapshots = new Map<string, Snapshot>();
  readonly #history = new Map<string, [number, number][]>();
  readonly #timers: NodeJS.Timeout[];
  #list: Snapshot | undefined;
  #revision = 0;
  #staleSince: string | null = null;
  #sampledAt = 0;
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

  /**
   * Adds a viewer and sends it where things stand: everything, or what changed since the event `lastEventId`.
   *
   * @param contest the one contest to watch; undefined: all of them
   */
  async watch(viewer: SseViewer, contest: string | undefined, lastEventId: string | undefined): Promise<void> {
    let here = true;
    viewer.onClose(() => {
      here = false;
      this.#viewers.delete(viewer);
    });
    // The first one who looks may find counts of a second ago, or none.
    if (this.#viewers.size === 0) await this.tick();
    if (!here) return;
    // The server stops, and waits for its viewers to leave.
    if (this.#ended) return viewer.end();
    const since = this.#revisionOf(lastEventId);
    viewer.send(heartbeatFrame(new Date()), 'beat');
    if (this.#staleSince !== null) viewer.send(staleFrame(this.#staleSince), 'stale');
    if (contest === undefined && this.#list !== undefined && this.#list.revision > since) {
      viewer.send(this.#list.frame, 'list');
    }
    for (const snapshot of this.#snapshots.values()) {
      if (snapshot.revision <= since || (contest !== undefined && snapshot.contest !== contest)) continue;
      viewer.send(snapshot.frame, snapshot.contest);
    }
    this.#viewers.set(viewer, contest);
  }

  /** Votes counted at each of the last seconds. The caller sees to hidden results. */
  history(contest: string): History {
    return { contest, stepMs: SAMPLE_MS, points: this.#history.get(contest) ?? [] };
  }

  /** Reads all counts once and sends what changed. Ticks do not overlap. */
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
    if (this.#viewers.size === 0 && Date.now() - this.#sampledAt < SAMPLE_MS) return;
    void this.tick();
  }

  async #read(): Promise<void> {
    const contests = this.#options.contests.list();
    const read = await Promise.allSettled(contests.map((contest) => this.#options.results.read(contest)));
    const now = Date.now();
    const failed = read.some(({ status }) => status === 'rejected');
    if (failed !== (this.#staleSince !== null)) {
      this.#staleSince = failed ? new Date(now).toISOString() : null;
      this.#broadcast(staleFrame(this.#staleSince), 'stale');
    }
    const sample = now - this.#sampledAt >= SAMPLE_MS - 20;
    if (sample && !failed) this.#sampledAt = now;
    const views = contests.map((contest) => contestView(contest, now));
    this.#updateList(views);
    for (const [index, outcome] of read.entries()) {
      const view = views[index];
      if (outcome.status === 'rejected' || view === undefined) continue;
      this.#update(view, outcome.value);
      if (sample) this.#remember(outcome.value, now);
    }
  }

  #updateList(views: readonly ContestView[]): void {
    const data: ResultsEvents['contests'] = { contests: views };
    const text = JSON.stringify(data);
    if (this.#list?.text === text) return;
    this.#list = this.#snapshot('', 'contests', data, text);
    for (const [viewer, contest] of this.#viewers) {
      if (contest === undefined) viewer.send(this.#list.frame, 'list');
    }
    const known = new Set(views.map(({ id }) => id));
    for (const id of this.#snapshots.keys()) if (!known.has(id)) this.#snapshots.delete(id);
    for (const id of this.#history.keys()) if (!known.has(id)) this.#history.delete(id);
  }

  #update(view: ContestView, results: Results): void {
    const hidden: ResultsEvents['hidden'] = { contest: view.id, status: view.status };
    const data = view.resultsHidden ? hidden : { ...results, status: view.status };
    const text = JSON.stringify(data);
    if (this.#snapshots.get(view.id)?.text === text) return;
    const snapshot = this.#snapshot(view.id, view.resultsHidden ? 'hidden' : 'results', data, text);
    this.#snapshots.set(view.id, snapshot);
    for (const [viewer, contest] of this.#viewers) {
      if (contest === undefined || contest === view.id) viewer.send(snapshot.frame, view.id);
    }
  }

  #snapshot(contest: string, event: string, data: unknown, text: string): Snapshot {
    const revision = ++this.#revision;
    return { contest, text, revision, frame: sseFrame(event, data, `${this.#boot}-${revision}`) };
  }

  #remember({ contest, total, changed }: Results, now: number): void {
    const points = this.#history.get(contest) ?? [];
    points.push([now, total + changed]);
    if (points.length > HISTORY_POINTS) points.shift();
    this.#history.set(contest, points);
  }

  #revisionOf(lastEventId: string | undefined): number {
    const match = /^([0-9a-f]{8})-(\d{1,15})$/.exec(lastEventId ?? '');
    return match?.[1] === this.#boot ? Number(match[2]) : 0;
  }

  #broadcast(frame: Uint8Array, slot: string): void {
    for (const viewer of this.#viewers.keys()) viewer.send(frame, slot);
  }
}

function staleFrame(since: string | null): Uint8Array {
  const data: ResultsEvents['stale'] = { since };
  return sseFrame('stale', data);
}
