import type { LinkState } from '../data/event-stream.ts';
import { formatClock } from '../data/format.ts';

export interface LinkBadgeProps {
  readonly link: LinkState;
  readonly staleSince: string | null;
  /** When the newest event came, in milliseconds since 1970. */
  readonly heardAt: number;
}

/** Whether what the page shows is live. Says so in words; the dot repeats it. */
export function LinkBadge({ link, staleSince, heardAt }: LinkBadgeProps) {
  const [kind, text] = describe(link, staleSince, heardAt);
  return (
    <span class={`link-badge ${kind}`} role="status">
      <span class="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

function describe(link: LinkState, staleSince: string | null, heardAt: number): [string, string] {
  if (link === 'connecting') return ['waiting', 'Connecting …'];
  if (link === 'reconnecting') return ['stale', `Reconnecting: as of ${formatClock(heardAt)}`];
  if (staleSince !== null) return ['stale', `Store away: as of ${formatClock(staleSince)}`];
  return ['live', 'Live'];
}
