import { useEffect, useRef, useState } from 'preact/hooks';
import type { History } from '../../../api.ts';
import { fetchJson } from './fetch-json.ts';
import type { Results } from './live-results.ts';

/** Votes counted per second, oldest first: `[milliseconds since 1970, votes per second]`. */
export type RatePoints = readonly (readonly [number, number])[];

const WINDOW_MS = 300_000;
const STEP_MS = 2000;

/** How fast a contest's votes come in: what the server remembers, and from then on what this page sees. */
export function useRate(contest: string, results: Results | undefined): RatePoints {
  const counted = useRef<[number, number][]>([]);
  const votes = results === undefined ? undefined : results.total + results.changed;
  const latest = useRef(votes);
  latest.current = votes;
  const [points, setPoints] = useState<RatePoints>([]);
  const known = votes !== undefined;

  useEffect(() => {
    counted.current = [];
    setPoints([]);
    if (!known) return;
    let here = true;
    void fetchJson<History>(`/api/contests/${contest}/history`).then((answer) => {
      if (!answer.ok || !here) return;
      const first = counted.current[0]?.[0] ?? Number.POSITIVE_INFINITY;
      const before = answer.value.points.filter(([time]) => time < first).map(([t, v]): [number, number] => [t, v]);
      counted.current = [...before, ...counted.current];
      setPoints(rates(counted.current));
    });
    const timer = setInterval(() => {
      if (latest.current === undefined) return;
      counted.current.push([Date.now(), latest.current]);
      if (counted.current.length > 700) counted.current.shift();
      setPoints(rates(counted.current));
    }, 1000);
    return () => {
      here = false;
      clearInterval(timer);
    };
  }, [contest, known]);
  return points;
}

/** Differences of a growing count over steps of a fixed length, which begin at the same times for every contest. */
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
