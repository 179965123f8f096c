import type { LogStore } from '../../../store/log/log-store.ts';
import { LogDeadlineError } from '../../../store/log/reads/read-deadline.ts';
import type { LogCounts } from '../../api/log.ts';
import type { StoreFilters } from './voter-filter.ts';

const PAGE = 1000;
const MAX_VOTES = 50_000;
/** Well below the two seconds that a request may take. */
const MAX_MS = 1000;
const MAX_BUCKETS = 90;
const SECOND_MS = 1000;
const STEPS_MS = [1, 10, 60, 600, 3600, 21_600, 86_400, 604_800].map((seconds) => seconds * SECOND_MS);

interface CountOptions {
  readonly log: Pick<LogStore, 'page'>;
  readonly filters: StoreFilters;
  /** Aborted when the client leaves. Default: never. */
  readonly signal?: AbortSignal;
  readonly maxVotes?: number;
}

/**
 * Counts the matching votes over time, newest first, as far as it gets within its limits. Buckets begin at whole steps;
 * the step is the shortest that needs at most `MAX_BUCKETS` of them.
 */
export async function countVotes({ log, filters, signal, maxVotes = MAX_VOTES }: CountOptions): Promise<LogCounts> {
  const ends = performance.now() + MAX_MS;
  const times: number[] = [];
  let cursor: string | undefined;
  let isComplete = false;
  while (!isComplete && times.length < maxVotes && performance.now() < ends) {
    const limit = Math.min(PAGE, maxVotes - times.length);
    const bounds = { timeoutMs: Math.max(1, ends - performance.now()), ...(signal && { signal }) };
    const page = await log.page({ ...filters, limit, ...(cursor !== undefined && { cursor }) }, bounds).catch(ifLate);
    if (page === undefined) break;
    for (const { receivedAt } of page.items) times.push(receivedAt.getTime());
    cursor = page.next ?? undefined;
    isComplete = page.next === null;
  }
  const { stepMs, buckets } = bucketsOf(times);
  return { total: times.length, isComplete, stepMs, buckets };
}

function ifLate(error: unknown): undefined {
  if (!(error instanceof LogDeadlineError)) throw error;
}

function bucketsOf(times: readonly number[]): Pick<LogCounts, 'stepMs' | 'buckets'> {
  // The clocks of edges differ, so the first vote is not always the newest.
  let [oldest, newest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const time of times) {
    oldest = Math.min(oldest, time);
    newest = Math.max(newest, time);
  }
  const length = (step: number) => Math.floor(newest / step) - Math.floor(oldest / step) + 1;
  const stepMs = STEPS_MS.find((step) => length(step) <= MAX_BUCKETS) ?? (STEPS_MS.at(-1) as number);
  if (times.length === 0) return { stepMs: SECOND_MS, buckets: [] };
  const first = Math.floor(oldest / stepMs);
  const counts = new Array<number>(length(stepMs)).fill(0);
  for (const time of times) {
    const index = Math.floor(time / stepMs) - first;
    counts[index] = (counts[index] ?? 0) + 1;
  }
  return { stepMs, buckets: counts.map((votes, index) => [(first + index) * stepMs, votes] as const) };
}
