import { useEffect, useRef, useState } from 'preact/hooks';
import { type Results, useLiveResults } from './live-results.ts';
import { loadHistory } from './load-history.ts';

/** Votes counted per second, oldest first: `[milliseconds since 1970, votes per second]`. */
export type RatePoints = readonly (readonly [number, number])[];

const WINDOW_MS = 300_000;
const STEP_MS = 2000;
const KEPT_COUNTS = 700;

/** The vote rate of a contest: the server's history, continued with the counts that this page receives. */
export function useRate(contest: string, results: Results | undefined): RatePoints {
  const counted = useRef<[number, number][]>([]);
  const votes = results === undefined ? undefined : results.total + results.changed;
  const latest = useRef(votes);
  latest.current = votes;
  const [points, setPoints] = useState<RatePoints>([]);
  const known = votes !== undefined;
  const isLive = useLiveResults().link === 'live';

  useEffect(() => {
    counted.current = [];
    setPoints([]);
  }, [contest, known]);

  useEffect(() => {
    // Without a live stream, unchanged counts do not mean a rate of 0, and the first update afterwards is not a burst.
    if (!known || !isLive) return;
    let isMounted = true;
    void loadHistory(contest).then((history) => {
      if (history === undefined || !isMounted) return;
      counted.current = joinCounts(history.points, counted.current, Date.now());
      setPoints(rates(counted.current));
    });
    const timer = setInterval(() => {
      // A hidden page may have closed its stream.
      if (latest.current === undefined || document.visibilityState === 'hidden') return;
      counted.current.push([Date.now(), latest.current]);
      if (counted.current.length > KEPT_COUNTS) counted.current.shift();
      setPoints(rates(counted.current));
    }, 1000);
    return () => {
      isMounted = false;
      clearInterval(timer);
    };
  }, [contest, known, isLive]);
  return points;
}

/** The counts that this page received, replaced by the server's gapless history for the time that it covers. */
export function joinCounts(
  remembered: readonly (readonly [number, number])[],
  seen: readonly (readonly [number, number])[],
  now: number,
): [number, number][] {
  // The server's clock may be ahead of this one.
  const past = remembered.filter(([time]) => time <= now);
  const [first, last] = [past[0]?.[0] ?? Number.POSITIVE_INFINITY, past.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY];
  const [before, after] = [
    seen.filter(([time]) => time < first),
    seen.filter(([time]) => time > last && time >= first),
  ];
  return [...before, ...past, ...after].slice(-KEPT_COUNTS).map(([time, count]) => [time, count]);
}

/** Rates of a growing count over fixed steps that are aligned across contests. */
export function rates(counted: readonly (readonly [number, number])[]): RatePoints {
  const last = counted.at(-1);
  if (last === undefined) return [];
  const points: [number, number][] = [];
  let [fromTime, fromCount] = counted[0] ?? last;
  for (const [time, count] of counted) {
    const step = Math.floor(time / STEP_MS) * STEP_MS;
    if (step === Math.floor(fromTime / STEP_MS) * STEP_MS) continue;
    if (time >= last[0] - WINDOW_MS) points.push([step, Math.max(0, ((count - fromCount) * 1000) / (time - fromTime))]);
    [fromTime, fromCount] = [time, count];
  }
  return points;
}
