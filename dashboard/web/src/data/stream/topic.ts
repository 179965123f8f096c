import type { LogEvents } from '../../../../api/log.ts';
import type { ResultsEvents } from '../../../../api/results.ts';

/**
 * The topic that a page follows. All pages of a browser that follow results share one stream, whatever their contests.
 */
export type Topic =
  | { readonly kind: 'results'; readonly contests: readonly string[] }
  | { readonly kind: 'log'; readonly query: string };

const RESULTS_EVENTS: readonly (keyof ResultsEvents)[] = ['contests', 'contest', 'results', 'hidden', 'stale'];
const LOG_EVENTS: readonly (keyof LogEvents)[] = ['votes', 'gap', 'stale'];

/** Topics with the same key share a stream. */
export function topicKey(topic: Topic): string {
  return topic.kind === 'results' ? 'results' : `log ${topic.query}`;
}

export function topicEvents({ kind }: Topic): readonly string[] {
  return kind === 'results' ? RESULTS_EVENTS : LOG_EVENTS;
}

/** The address of the stream for topics with the same key. */
export function topicPath(topics: readonly Topic[]): string {
  const [first] = topics;
  if (first?.kind === 'log') return `/api/logs/events?${first.query}`;
  const contests = topics.flatMap((topic) => (topic.kind === 'results' ? topic.contests : []));
  return `/api/events?contests=${[...new Set(contests)].sort().join(',')}`;
}
