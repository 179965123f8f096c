import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ProblemView } from '../../../api/problem.ts';
import { fetchJson } from './fetch-json.ts';

/** The last state of a polled resource. */
export interface Polled<T> {
  /** The latest answer; kept while later attempts fail. */
  readonly value: T | undefined;
  /** The time of the latest answer in milliseconds since 1970; 0: none yet. */
  readonly readAt: number;
  readonly problem: ProblemView | undefined;
  readonly refresh: () => void;
}

/** Reads a resource now and every `everyMs` while the page is visible. One request at a time. */
export function usePoll<T>(path: string, everyMs: number): Polled<T> {
  const [state, setState] = useState<Omit<Polled<T>, 'refresh'>>({ value: undefined, readAt: 0, problem: undefined });
  const running = useRef<{ again: boolean } | undefined>(undefined);
  const ask = useCallback(() => {
    const own = { again: false };
    running.current = own;
    void fetchJson<T>(path).then((answer) => {
      // The component was unmounted, or the path changed.
      if (running.current !== own) return;
      running.current = undefined;
      setState((before) =>
        answer.ok
          ? { value: answer.value, readAt: Date.now(), problem: undefined }
          : { ...before, problem: answer.problem },
      );
      if (own.again) ask();
    });
  }, [path]);
  const refresh = useCallback(() => {
    // The request in progress may have been answered before the change that prompted this refresh.
    if (running.current === undefined) ask();
    else running.current.again = true;
  }, [ask]);
  useEffect(() => {
    ask();
    // A tick does not replace a request in progress; otherwise no answer of a slow server would ever be used.
    const tick = () => {
      if (document.visibilityState === 'visible' && running.current === undefined) ask();
    };
    const timer = setInterval(tick, everyMs);
    document.addEventListener('visibilitychange', tick);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
      running.current = undefined;
    };
  }, [ask, everyMs]);
  return { ...state, refresh };
}
