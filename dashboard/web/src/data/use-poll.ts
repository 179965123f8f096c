import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { ProblemView } from '../../../api/problem.ts';
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

/** Reads a resource now and every `everyMs`, while the page is looked at. One request at a time. */
export function usePoll<T>(path: string, everyMs: number): Polled<T> {
  const [state, setState] = useState<Omit<Polled<T>, 'refresh'>>({ value: undefined, readAt: 0, problem: undefined });
  const running = useRef<{ again: boolean } | undefined>(undefined);
  const ask = useCallback(() => {
    const own = { again: false };
    running.current = own;
    void fetchJson<T>(path).then((answer) => {
      // The page is gone.
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
    // The answer under way may be of before the change that somebody wants to see.
    if (running.current === undefined) ask();
    else running.current.again = true;
  }, [ask]);
  useEffect(() => {
    ask();
    // A tick waits for the answer under way: a server slower than the tick would else never be heard to the end.
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
