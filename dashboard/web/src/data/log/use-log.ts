import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { LogEvents, LogItem, LogPageView } from '../../../../api/log.ts';
import type { ProblemView } from '../../../../api/problem.ts';
import type { LinkState } from '../stream/event-stream.ts';
import { FollowedTopic } from '../stream/followed-topic.ts';
import { fetchLog } from './log-session.ts';

export interface LogState {
  /** Newest first; undefined: not loaded yet. */
  readonly items: readonly LogItem[] | undefined;
  /** Votes received while the tail was paused, newest first. */
  readonly waiting: readonly LogItem[];
  readonly next: string | null;
  readonly problem: ProblemView | undefined;
  readonly link: LinkState;
  readonly staleSince: string | null;
  readonly heardAt: number;
  /** True if votes were left out of the tail. */
  readonly gap: boolean;
  readonly loadingMore: boolean;
  /** True if rows were dropped at the end; older votes then require a reload. */
  readonly trimmed: boolean;
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
  trimmed: false,
};
/** Maximum number of rows while the tail runs; older rows are available by paging. */
const MAX_LIVE_ROWS = 1000;
const RETRY_MS = 3000;
/** Interval of page requests while the tail reconnects: unlike an event stream, a page reports why it was rejected. */
const ASK_WHY_MS = 5000;

/** `failed`: a retry may succeed. */
type Loaded = 'loaded' | 'rejected' | 'failed';

/** A page of the log with its tail. `query` comes from `logQuery`. */
export function useLog(query: string, live: boolean) {
  const [state, setState] = useState<LogState>(EMPTY);
  const [round, setRound] = useState(0);
  const liveNow = useRef(live);
  liveNow.current = live;
  const change = useCallback<Change>((part) => setState((before) => ({ ...before, ...part(before) })), []);

  const queryNow = useRef(query);
  queryNow.current = query;
  const tail = useRef<FollowedTopic | undefined>(undefined);
  const leave = useCallback(() => {
    tail.current?.[Symbol.dispose]();
    tail.current = undefined;
  }, []);

  const load = useCallback(async (): Promise<Loaded> => {
    const answer = await fetchLog<LogPageView>(`/api/logs?${query}`);
    // The filters changed meanwhile.
    if (queryNow.current !== query) return 'rejected';
    change(() =>
      answer.ok
        ? {
            items: answer.value.items,
            next: answer.value.next,
            problem: undefined,
            waiting: [],
            gap: false,
            trimmed: false,
            loadingMore: false,
          }
        : { problem: answer.problem },
    );
    if (answer.ok) return 'loaded';
    return answer.problem.status >= 400 && answer.problem.status < 500 ? 'rejected' : 'failed';
  }, [query, change]);

  useEffect(() => {
    if (state.link !== 'reconnecting' || state.problem !== undefined) return;
    let isMounted = true;
    const ask = async () => {
      const answer = await fetchLog(`/api/logs?${query}${query === '' ? '' : '&'}limit=1`);
      const isRefused = !answer.ok && answer.problem.status >= 400 && answer.problem.status < 500;
      if (!isMounted || !isRefused || answer.problem.status === 429) return;
      // No retry helps before the reader does something.
      leave();
      change(() => ({ problem: answer.problem }));
    };
    void ask();
    const timer = setInterval(ask, ASK_WHY_MS);
    return () => {
      isMounted = false;
      clearInterval(timer);
    };
  }, [query, state.link, state.problem, change, leave]);

  useEffect(() => {
    let isMounted = true;
    let again: ReturnType<typeof setTimeout> | undefined;
    setState(EMPTY);
    const begin = async () => {
      const outcome = await load();
      if (!isMounted) return;
      // A rejected query has no tail either.
      if (outcome === 'loaded') tail.current = openTail(query, change, load, liveNow);
      else if (outcome === 'failed') again = setTimeout(begin, RETRY_MS);
    };
    void begin();
    return () => {
      isMounted = false;
      clearTimeout(again);
      leave();
    };
  }, [query, load, change, round, leave]);

  useEffect(() => {
    if (live) change((before) => ({ ...prepend(before, before.waiting), waiting: [] }));
  }, [live, change]);

  const nextNow = useRef(state.next);
  nextNow.current = state.next;
  const more = async () => {
    const { next } = state;
    if (next === null) return;
    change(() => ({ loadingMore: true }));
    const answer = await fetchLog<LogPageView>(
      `/api/logs?${query}${query === '' ? '' : '&'}cursor=${encodeURIComponent(next)}`,
    );
    // The list that these rows continue has been replaced.
    if (queryNow.current !== query || nextNow.current !== next) return;
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
  const restart = () => setRound((before) => before + 1);
  return { ...state, more, reload: load, restart };
}

type Change = (part: (before: LogState) => Partial<LogState>) => void;

function openTail(
  query: string,
  change: Change,
  load: () => Promise<Loaded>,
  live: { current: boolean },
): FollowedTopic {
  let link: LinkState = 'connecting';
  const apply = {
    votes: ({ items }: LogEvents['votes']) => change((before) => arrive(before, items, live.current)),
    gap({ reason }: LogEvents['gap']) {
      // After a long interruption the page is reloaded.
      if (reason === 'resumed') void load();
      else change(() => ({ gap: true }));
    },
    stale: ({ since }: LogEvents['stale']) => change(() => ({ staleSince: since })),
    beat: () => change(() => ({ heardAt: Date.now() })),
  };
  return new FollowedTopic(
    { kind: 'log', query },
    {
      onState(next) {
        if (next === link) return;
        link = next;
        change(() => ({ link }));
        // The reload gets votes from before the tail started; a paused page stays unchanged.
        if (link === 'live' && live.current) void load();
      },
      onEvent: (name, data) => apply[name as keyof LogEvents](data as never),
    },
  );
}

function arrive(before: LogState, items: readonly LogItem[], live: boolean): Partial<LogState> {
  if (live) return { ...prepend(before, items), heardAt: Date.now() };
  return { waiting: unique([...items, ...before.waiting]).slice(0, MAX_LIVE_ROWS), heardAt: Date.now() };
}

/** Adds new rows at the top. Paging cannot continue after rows were dropped at the end. */
function prepend(before: LogState, items: readonly LogItem[]): Partial<LogState> {
  if (items.length === 0 || before.items === undefined) return {};
  const all = unique([...items, ...before.items]);
  if (all.length <= MAX_LIVE_ROWS) return { items: all };
  return { items: all.slice(0, MAX_LIVE_ROWS), next: null, trimmed: true };
}

function unique(items: readonly LogItem[]): LogItem[] {
  return [...new Map(items.map((item) => [item.id, item])).values()];
}
