import { useEffect, useState } from 'preact/hooks';
import type { ContestSummary, ContestSummaryList, ContestView } from '../../../../api/contests.ts';
import { fetchJson } from '../fetch-json.ts';
import { usePoll } from '../use-poll.ts';

const LIST_MS = 30_000;

/** Loaded once per page load: labels and colors rarely change, and the log page already follows its own stream. */
const loaded = new Map<string, Promise<ContestView | undefined>>();

/** All contests for the filters, and full details of those with displayed votes. */
export function useContests(ids: readonly string[]): {
  readonly list: readonly ContestSummary[];
  readonly details: ReadonlyMap<string, ContestView>;
} {
  const { value } = usePoll<ContestSummaryList>('/api/contests?view=summary', LIST_MS);
  const [details, setDetails] = useState<ReadonlyMap<string, ContestView>>(new Map());
  const key = [...new Set(ids)].sort().join(',');
  useEffect(() => {
    for (const id of key === '' ? [] : key.split(',')) {
      void load(id).then((contest) => {
        if (contest !== undefined) setDetails((before) => (before.has(id) ? before : new Map(before).set(id, contest)));
      });
    }
  }, [key]);
  return { list: value?.contests ?? [], details };
}

function load(id: string): Promise<ContestView | undefined> {
  const known = loaded.get(id);
  if (known !== undefined) return known;
  const loading = fetchJson<ContestView>(`/api/contests/${id}`).then((answer) =>
    answer.ok ? answer.value : undefined,
  );
  loaded.set(id, loading);
  return loading;
}
