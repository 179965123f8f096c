import type { LoggedVote, LogQuery } from '../../../store/log/log-store.ts';
import type { ReadBounds } from '../../../store/log/reads/read-deadline.ts';
import type { LogEvents } from '../../api/log.ts';
import { heartbeatFrame, type SseFrame, sseFrame } from '../results/sse-frame.ts';
import type { SseViewer } from '../results/sse-viewer.ts';
import { type Contests, logItem, rejectHiddenChoice, voteKey } from './log-view.ts';
import type { StoreFilters } from './voter-filter.ts';

export interface LogTailOptions {
  readonly log: { page(query: LogQuery, bounds: ReadBounds): Promise<{ readonly items: readonly LoggedVote[] }> };
  readonly contests: Contests;
  /** When Redis stopped answering, in ISO 8601; no votes reach the log since then. null: Redis answers. */
  readonly redisStaleSince?: () => string | null;
  /** How often the log is polled for new votes. Default 1,000. */
  readonly tickMs?: number;
  readonly heartbeatMs?: number;
}

/** Viewers with the same filter share one read per tick. */
interface Channel {
  readonly filter: StoreFilters;
  readonly viewers: Set<SseViewer>;
  /** Ids of the newest votes. Several consumers write the log, so new rows may appear below known ones. */
  seen: Set<string>;
  /** When the log stopped answering; null: it answers. */
  logStaleSince: string | null;
  /** The state that viewers were last notified of. */
  shownStaleSince: string | null;
}

/** Rows read per tick. If more were logged, a tail shows the newest of them and reports a gap. */
const PAGE = 500;
const MAX_CHANNELS = 200;
const BOUNDS: ReadBounds = { timeoutMs: 1500 };
const STALE_CHECK_MS = 250;

/** Sends votes to viewers as they are logged. */
export class LogTail implements Disposable {
  readonly #options: LogTailOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #timers: NodeJS.Timeout[];
  #tick: Promise<void> | undefined;
  #ended = false;

  constructor(options: LogTailOptions) {
    this.#options = options;
    this.#timers = [
      setInterval(() => void this.tick(), options.tickMs ?? 1000),
      setInterval(() => this.#showStale(), STALE_CHECK_MS),
      setInterval(() => this.#heartbeat(), options.heartbeatMs ?? 10_000),
    ];
  }

  get viewers(): number {
    return [...this.#channels.values()].reduce((sum, { viewers }) => sum + viewers.size, 0);
  }

  /** False if `MAX_CHANNELS` different filters are already watched. */
  hasRoom(filter: StoreFilters): boolean {
    return this.#channels.size < MAX_CHANNELS || this.#channels.has(keyOf(filter));
  }

  /** Adds a viewer, and sends it the votes logged after `lastEventId` if that vote is among the newest. */
  async watch(viewer: SseViewer, filter: StoreFilters, lastEventId: string | undefined): Promise<void> {
    const key = keyOf(filter);
    let isOpen = true;
    viewer.onClose(() => {
      isOpen = false;
      const channel = this.#channels.get(key);
      channel?.viewers.delete(viewer);
      if (channel?.viewers.size === 0) this.#channels.delete(key);
    });
    const newest = await this.#options.log.page({ ...filter, limit: PAGE }, BOUNDS).catch(() => undefined);
    if (!isOpen) return;
    // The server is stopping and waits for its viewers to leave.
    if (this.#ended) return viewer.end();
    const items = newest?.items ?? [];
    viewer.send(heartbeatFrame(new Date()), 'beat');
    const created = { filter, viewers: new Set<SseViewer>(), seen: new Set<string>() };
    const channel = this.#channels.get(key) ?? { ...created, logStaleSince: null, shownStaleSince: null };
    if (channel.viewers.size === 0) channel.seen = new Set(items.map(voteKey));
    if (channel.shownStaleSince !== null) viewer.send(staleFrame(channel.shownStaleSince));
    channel.viewers.add(viewer);
    this.#channels.set(key, channel);
    if (lastEventId !== undefined) {
      const place = items.findIndex((vote) => voteKey(vote) === lastEventId);
      if (place === -1) viewer.send(gapFrame('resumed'));
      const missed = place === -1 ? [] : items.slice(0, place);
      if (missed.length > 0) viewer.send(this.#votesFrame(missed));
    }
  }

  /** Reads new votes once for every watched filter. Ticks do not overlap. */
  async tick(): Promise<void> {
    this.#tick ??= Promise.all([...this.#channels.values()].map((channel) => this.#read(channel)))
      .then(() => undefined)
      .finally(() => {
        this.#tick = undefined;
      });
    return this.#tick;
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const { viewers } of this.#channels.values()) for (const viewer of viewers) viewer.end();
    this.#channels.clear();
  }

  async #read(channel: Channel): Promise<void> {
    let items: readonly LoggedVote[];
    try {
      ({ items } = await this.#options.log.page({ ...channel.filter, limit: PAGE }, BOUNDS));
    } catch {
      channel.logStaleSince ??= new Date().toISOString();
      this.#showStale();
      return;
    }
    // The results were hidden after the stream was opened. A viewer that reconnects gets the reason.
    if (rejectHiddenChoice(channel.filter, this.#options.contests) !== undefined) {
      this.#channels.delete(keyOf(channel.filter));
      for (const viewer of channel.viewers) viewer.end();
      return;
    }
    channel.logStaleSince = null;
    this.#showStale();
    const fresh = items.filter((vote) => !channel.seen.has(voteKey(vote)));
    if (fresh.length === 0) return;
    const overtaken = fresh.length === PAGE && channel.seen.size > 0;
    channel.seen = new Set(items.map(voteKey));
    if (overtaken) broadcast(channel, gapFrame('many'));
    broadcast(channel, this.#votesFrame(fresh));
  }

  /** Notifies viewers once when the log or Redis stops answering, and again when both answer. */
  #showStale(): void {
    const redis = this.#options.redisStaleSince?.() ?? null;
    for (const channel of this.#channels.values()) {
      const since = channel.logStaleSince ?? redis;
      const isNews = (since === null) !== (channel.shownStaleSince === null);
      if (!isNews) continue;
      channel.shownStaleSince = since;
      broadcast(channel, staleFrame(since));
    }
  }

  #votesFrame(votes: readonly LoggedVote[]): SseFrame {
    const data: LogEvents['votes'] = { items: votes.map((vote) => logItem(vote, this.#options.contests)) };
    return sseFrame('votes', data, data.items[0]?.id);
  }

  #heartbeat(): void {
    const frame = heartbeatFrame(new Date());
    for (const channel of this.#channels.values()) broadcast(channel, frame, 'beat');
  }
}

/** Replaces rows that were left out. */
export function gapFrame(reason: LogEvents['gap']['reason']): SseFrame {
  return sseFrame('gap', { reason });
}

function staleFrame(since: string | null): SseFrame {
  const data: LogEvents['stale'] = { since };
  return sseFrame('stale', data);
}

function broadcast({ viewers }: Channel, frame: SseFrame, slot?: string): void {
  for (const viewer of viewers) viewer.send(frame, slot);
}

function keyOf({ voter, ...filter }: StoreFilters): string {
  return JSON.stringify([filter, voter && Buffer.from(voter).toString('hex')]);
}
