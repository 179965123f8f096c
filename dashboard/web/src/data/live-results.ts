import { useEffect, useState } from 'preact/hooks';
import type { ContestSummary, ContestView } from '../../../api/contests.ts';
import type { Results, ResultsEvents } from '../../../api/results.ts';
import type { LinkState } from './stream/event-stream.ts';
import { FollowedTopic } from './stream/followed-topic.ts';

export type { Results };

/** The state of the results stream. */
export interface LiveResults {
  readonly link: LinkState;
  /** All contests, without options; undefined: not known yet. */
  readonly contests: readonly ContestSummary[] | undefined;
  /** The contests of this page in full. */
  readonly details: ReadonlyMap<string, ContestView>;
  /** Results by contest; absent while hidden or not known yet. */
  readonly results: ReadonlyMap<string, Results>;
  /** When the counts became unreadable for the server; null: they are readable. */
  readonly staleSince: string | null;
  /** The time of the latest event, in milliseconds since 1970. */
  readonly heardAt: number;
}

let state: LiveResults = {
  link: 'connecting',
  contests: undefined,
  details: new Map(),
  results: new Map(),
  staleSince: null,
  heardAt: 0,
};
/** Parts of the list of contests by the index of their first contest. */
let parts = new Map<number, readonly ContestSummary[]>();
/** One per page load. */
const connection: { topic?: FollowedTopic } = {};
const listeners = new Set<(state: LiveResults) => void>();
/** The contests of each part of the page. */
const scopes = new Map<object, readonly string[]>();

/**
 * The live results of contests. All parts of a page share one stream.
 *
 * @param contests the ids to follow in full, besides the list of all contests
 */
export function useLiveResults(contests: readonly string[] = []): LiveResults {
  const [current, setCurrent] = useState(state);
  const ids = contests.join(',');
  useEffect(() => {
    const key = {};
    scopes.set(key, ids === '' ? [] : ids.split(','));
    listeners.add(setCurrent);
    setCurrent(state);
    follow();
    return () => {
      listeners.delete(setCurrent);
      scopes.delete(key);
    };
  }, [ids]);
  return current;
}

/** Whether the displayed values may be outdated. */
export function isStale({ link, staleSince }: LiveResults): boolean {
  return link === 'reconnecting' || staleSince !== null;
}

/** Adds a contest that was just created, before the stream reports it, so that its page can show it at once. */
export function addContest(contest: ContestView): void {
  const { options, ...view } = contest;
  const summary = { ...view, optionCount: options.length, activeAt: null };
  const others = state.contests?.filter(({ id }) => id !== contest.id) ?? [];
  change({ contests: [...others, summary], details: new Map(state.details).set(contest.id, contest) });
}

/** Removes a contest that was just deleted, before the stream reports it, so that no page asks for it again. */
export function removeContest(id: string): void {
  const drop = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([key]) => key !== id));
  const contests = state.contests?.filter((contest) => contest.id !== id);
  change({ contests, details: drop(state.details), results: drop(state.results) });
}

function follow(): void {
  const topic = { kind: 'results', contests: [...new Set([...scopes.values()].flat())].sort() } as const;
  connection.topic?.change(topic);
  connection.topic ??= new FollowedTopic(topic, {
    onState: (link) => {
      if (link !== state.link) change({ link });
    },
    onEvent: (name, data) => {
      const apply = events[name as keyof ResultsEvents] as ((data: unknown) => void) | undefined;
      if (apply === undefined) change({});
      else apply(data);
    },
  });
}

const events: { readonly [K in keyof ResultsEvents]?: (data: ResultsEvents[K]) => void } = {
  contests({ from, total, contests }) {
    parts = new Map([...parts].filter(([place]) => place < total)).set(from, contests);
    const all = [...parts].sort(([a], [b]) => a - b).flatMap(([, part]) => part);
    if (all.length !== total) return;
    const known = new Set(all.map(({ id }) => id));
    const keep = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([id]) => known.has(id)));
    change({ contests: all, details: keep(state.details), results: keep(state.results) });
  },
  contest: (contest) => change({ details: new Map(state.details).set(contest.id, contest) }),
  results: (results) => change({ results: new Map(state.results).set(results.contest, results) }),
  hidden({ contest }) {
    const results = new Map(state.results);
    results.delete(contest);
    change({ results });
  },
  stale: ({ since }) => change({ staleSince: since }),
};

function change(part: Partial<LiveResults>): void {
  state = { ...state, heardAt: part.link === 'reconnecting' ? state.heardAt : Date.now(), ...part };
  for (const listener of listeners) listener(state);
}
