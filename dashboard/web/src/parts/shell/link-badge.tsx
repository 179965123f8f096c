import type { LinkState } from '../../data/event-stream.ts';
import { formatClock } from '../../data/format.ts';

export interface LinkBadgeProps {
  readonly link: LinkState;
  readonly staleSince: string | null;
  /** When the newest event came, in milliseconds since 1970; 0: none so far. */
  readonly heardAt: number;
  /** Somebody holds what comes in back. */
  readonly paused?: boolean;
}

/** Whether what the page shows is live. Says so in words; the dot repeats it. */
export function LinkBadge({ link, staleSince, heardAt, paused = false }: LinkBadgeProps) {
  const [kind, text] = describe(link, staleSince, heardAt, paused);
  return (
    <span class={`link-badge ${kind}`} role="status">
      <span class="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

function describe(link: LinkState, staleSince: string | null, heardAt: number, paused: boolean): [string, string] {
  if (link === 'connecting') return ['waiting', 'Connecting …'];
  if (link === 'reconnecting' && heardAt === 0) return ['stale', 'No connection so far'];
  if (link === 'reconnecting') return ['stale', `Reconnecting: as of ${formatClock(heardAt)}`];
  if (staleSince !== null) return ['stale', `Store away: as of ${formatClock(staleSince)}`];
  return paused ? ['waiting', 'Paused'] : ['live', 'Live'];
}
