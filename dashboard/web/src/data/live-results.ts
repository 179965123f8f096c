import { useEffect, useState } from 'preact/hooks';
import type { ContestView } from '../../../api/contests.ts';
import type { ResultsEvents } from '../../../api/results.ts';
import { EventStream, type LinkState } from './event-stream.ts';

export type Results = ResultsEvents['results'];

/** The state of the results stream. */
export interface LiveResults {
  readonly link: LinkState;
  /** undefined: not known yet. */
  readonly contests: readonly ContestView[] | undefined;
  /** By contest; absent while hidden or not known yet. */
  readonly results: ReadonlyMap<string, Results>;
  /** The time since which the server cannot read the counts; null: it can. */
  readonly staleSince: string | null;
  /** The time of the latest event, in milliseconds since 1970. */
  readonly heardAt: number;
}

let state: LiveResults = { link: 'connecting', contests: undefined, results: new Map(), staleSince: null, heardAt: 0 };
/** One per page load. */
const connection: { stream?: EventStream } = {};
const listeners = new Set<(state: LiveResults) => void>();

/** The live results of all contests. All parts of a page share one stream. */
export function useLiveResults(): LiveResults {
  const [current, setCurrent] = useState(state);
  useEffect(() => {
    listeners.add(setCurrent);
    setCurrent(state);
    connection.stream ??= openStream();
    return () => {
      listeners.delete(setCurrent);
    };
  }, []);
  return current;
}

/** Adds a contest that was just created, before the stream reports it, so that its page can show it at once. */
export function addContest(contest: ContestView): void {
  const others = state.contests?.filter(({ id }) => id !== contest.id);
  if (others !== undefined) change({ contests: [...others, contest].sort((a, b) => (a.id < b.id ? -1 : 1)) });
}

function openStream(): EventStream {
  return new EventStream({
    path: '/api/events',
    onState: (link) => change({ link }),
    events: {
      contests: ({ contests }: ResultsEvents['contests']) => {
        const known = new Set(contests.map(({ id }) => id));
        change({ contests, results: new Map([...state.results].filter(([id]) => known.has(id))) });
      },
      results: (results: Results) => change({ results: new Map(state.results).set(results.contest, results) }),
      hidden: ({ contest }: ResultsEvents['hidden']) => {
        const results = new Map(state.results);
        results.delete(contest);
        change({ results });
      },
      stale: ({ since }: ResultsEvents['stale']) => change({ staleSince: since }),
    },
  });
}

function change(part: Partial<LiveResults>): void {
  state = { ...state, heardAt: part.link === 'reconnecting' ? state.heardAt : Date.now(), ...part };
  for (const listener of listeners) listener(state);
}
