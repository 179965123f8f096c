import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { LogEvents, LogItem, LogPageView, ProblemView } from '../../../api.ts';
import { EventStream, type LinkState } from './event-stream.ts';
import { fetchJson } from './fetch-json.ts';

export interface LogState {
  /** Newest first; undefined: not loaded yet. */
  readonly items: readonly LogItem[] | undefined;
  /** Votes that came while the tail was paused, newest first. */
  readonly waiting: readonly LogItem[];
  readonly next: string | null;
  readonly problem: ProblemView | undefined;
  readonly link: LinkState;
  readonly staleSince: string | null;
  readonly heardAt: number;
  /** Votes were left out of the tail. */
  readonly gap: boolean;
  readonly loadingMore: boolean;
}

const EMPTY: LogState = {
  items: undefined,
  waiting: [],
  next: null,
  problem: undefined,
  link: 'connecting',
  staleSince: null,
  heardAt: 0,
  gap: false,
  loadingMore: false,
};
/** Rows kept on the page while the tail runs; older ones can be had by paging. */
const MAX_LIVE_ROWS = 500;

/** A page of the log with its tail. `query` as `logQuery` makes it. */
export function useLog(query: string, live: boolean) {
  const [state, setState] = useState<LogState>(EMPTY);
  const liveNow = useRef(live);
  liveNow.current = live;
  const change = useCallback(
    (part: (before: LogState) => Partial<LogState>) => setState((before) => ({ ...before, ...part(before) })),
    [],
  );

  const load = useCallback(async () => {
    const answer = await fetchJson<LogPageView>(`/api/logs?${query}`);
    change(() =>
      answer.ok
        ? { items: answer.value.items, next: answer.value.next, problem: undefined, waiting: [], gap: false }
        : { problem: answer.problem },
    );
  }, [query, change]);

  useEffect(() => {
    setState(EMPTY);
    void load();
    let wasLive = false;
    const stream = new EventStream({
      path: `/api/logs/events?${query}`,
      onState: (link) => {
        change(() => ({ link }));
        // What came in the meantime is read with the page; a paused page stays as it is.
        if (link === 'live' && wasLive && liveNow.current) void load();
        wasLive ||= link === 'live';
      },
      events: {
        votes: ({ items }: LogEvents['votes']) => change((before) => arrive(before, items, liveNow.current)),
        gap: ({ reason }: LogEvents['gap']) => {
          // After a long break the page is simply read anew.
          if (reason === 'resumed') void load();
          else change(() => ({ gap: true }));
        },
        stale: ({ since }: LogEvents['stale']) => change(() => ({ staleSince: since })),
        beat: () => change(() => ({ heardAt: Date.now() })),
      },
    });
    return () => stream[Symbol.dispose]();
  }, [query, load, change]);

  useEffect(() => {
    if (live) change((before) => ({ ...prepend(before, before.waiting), waiting: [] }));
  }, [live, change]);

  const more = async () => {
    const { next } = state;
    if (next === null) return;
    change(() => ({ loadingMore: true }));
    const answer = await fetchJson<LogPageView>(
      `/api/logs?${query}${query === '' ? '' : '&'}cursor=${encodeURIComponent(next)}`,
    );
    change((before) =>
      answer.ok
        ? {
            items: unique([...(before.items ?? []), ...answer.value.items]),
            next: answer.value.next,
            loadingMore: false,
          }
        : { problem: answer.problem, loadingMore: false },
    );
  };
  return { ...state, more, reload: load };
}

function arrive(before: LogState, items: readonly LogItem[], live: boolean): Partial<LogState> {
  if (live) return { ...prepend(before, items), heardAt: Date.now() };
  return { waiting: unique([...items, ...before.waiting]).slice(0, MAX_LIVE_ROWS), heardAt: Date.now() };
}

/** Puts new rows on top. Where rows fall off the end, paging goes on from the newest page instead. */
function prepend(before: LogState, items: readonly LogItem[]): Partial<LogState> {
  if (items.length === 0 || before.items === undefined) return {};
  const all = unique([...items, ...before.items]);
  if (all.length <= MAX_LIVE_ROWS) return { items: all };
  return { items: all.slice(0, MAX_LIVE_ROWS), next: null };
}

function unique(items: readonly LogItem[]): LogItem[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}
