import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ProblemView } from '../../../api.ts';
import { fetchJson } from './fetch-json.ts';

/** What was last read of a resource, and what went wrong since then. */
export interface Polled<T> {
  /** The newest answer; kept while a later attempt fails. */
  readonly value: T | undefined;
  /** When it came, in milliseconds since 1970; 0: never. */
  readonly readAt: number;
  readonly problem: ProblemView | undefined;
  readonly refresh: () => void;
}

/** Reads a resource now and every `everyMs`, while the page is looked at. */
export function usePoll<T>(path: string, everyMs: number): Polled<T> {
  const [state, setState] = useState<Omit<Polled<T>, 'refresh'>>({ value: undefined, readAt: 0, problem: undefined });
  const abort = useRef<AbortController | undefined>(undefined);
  const refresh = useCallback(() => {
    abort.current?.abort();
    const own = new AbortController();
    abort.current = own;
    fetchJson<T>(path, { signal: own.signal }).then(
      (answer) =>
        setState((before) =>
          answer.ok
            ? { value: answer.value, readAt: Date.now(), problem: undefined }
            : { ...before, problem: answer.problem },
        ),
      // Only an aborted request rejects, and a newer one has taken its place.
      () => undefined,
    );
  }, [path]);
  useEffect(() => {
    refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') refresh();
    }, everyMs);
    document.addEventListener('visibilitychange', refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', refresh);
      abort.current?.abort();
    };
  }, [refresh, everyMs]);
  return { ...state, refresh };
}
