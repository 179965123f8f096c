import { useRef, useState } from 'preact/hooks';
import type { LogCounts as Counts } from '../../../../api/log.ts';
import { formatCount, formatDuration, formatTime, plural } from '../../data/format.ts';
import { usePoll } from '../../data/use-poll.ts';

const EVERY_MS = 5000;

interface LogCountsProps {
  /** The filters, as `logQuery` writes them. */
  readonly query: string;
  /** Milliseconds since 1970; the end is exclusive. */
  readonly onRange: (from: number, to: number) => void;
}

/** The number of matching votes, and a small chart of when they arrived. Bars select a time range. */
export function LogCounts({ query, onRange }: LogCountsProps) {
  const { value } = usePoll<Counts>(`/api/logs/counts?${query}`, EVERY_MS);
  const pressed = useRef<number | undefined>(undefined);
  const [focused, setFocused] = useState(0);
  if (value === undefined || value.buckets.length === 0) return null;
  const { buckets, stepMs, total, isComplete } = value;
  const most = Math.max(...buckets.map(([, votes]) => votes));
  const select = (a: number, b: number) => {
    const [first, last] = [buckets[Math.min(a, b)], buckets[Math.max(a, b)]];
    if (first !== undefined && last !== undefined) onRange(first[0], last[0] + stepMs);
  };
  const move = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const bars = (event.currentTarget as HTMLElement).querySelectorAll('button');
    if (by === undefined) return;
    const next = Math.max(0, Math.min(bars.length - 1, focused + by));
    setFocused(next);
    bars[next]?.focus();
  };
  return (
    <figure class="log-counts">
      <figcaption class="muted small">
        <strong>{isComplete ? plural(total, 'vote') : `The newest ${formatCount(total)} votes`}</strong>, per{' '}
        {formatDuration(stepMs)}, at most {formatCount(most)}. Select a bar, or drag over several, to filter by time.
      </figcaption>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would announce a form */}
      <div class="log-bars" role="group" aria-label="Votes over time" onKeyDown={move}>
        {buckets.map(([at, votes], index) => (
          <button
            key={at}
            type="button"
            tabIndex={index === Math.min(focused, buckets.length - 1) ? 0 : -1}
            aria-label={`${formatTime(new Date(at).toISOString())}: ${plural(votes, 'vote')}`}
            title={`${formatTime(new Date(at).toISOString())}: ${plural(votes, 'vote')}`}
            onPointerDown={(event) => {
              // By default a touch captures the pointer on the first bar.
              event.currentTarget.releasePointerCapture(event.pointerId);
              pressed.current = index;
            }}
            onPointerUp={() => {
              const from = pressed.current;
              pressed.current = undefined;
              if (from !== undefined && from !== index) select(from, index);
            }}
            onClick={() => select(index, index)}
          >
            <span style={{ height: `${votes === 0 ? 0 : Math.max(4, (100 * votes) / most)}%` }} />
          </button>
        ))}
      </div>
    </figure>
  );
}
