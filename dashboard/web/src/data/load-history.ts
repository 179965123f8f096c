import type { Histories, History } from '../../../api/results.ts';
import { fetchJson } from './fetch-json.ts';

let waiting = new Map<string, ((history: History | undefined) => void)[]>();

/** Loads the history of a contest. Simultaneous calls share one request. */
export function loadHistory(contest: string): Promise<History | undefined> {
  if (waiting.size === 0) setTimeout(send);
  return new Promise((resolve) => waiting.set(contest, [...(waiting.get(contest) ?? []), resolve]));
}

async function send(): Promise<void> {
  const asked = waiting;
  waiting = new Map();
  const answer = await fetchJson<Histories>(`/api/histories?contests=${[...asked.keys()].join(',')}`);
  const found = new Map(answer.ok ? answer.value.histories.map((history) => [history.contest, history]) : []);
  for (const [contest, resolves] of asked) for (const resolve of resolves) resolve(found.get(contest));
}
