import { formatClock } from '../../data/format.ts';
import type { LinkState } from '../../data/stream/event-stream.ts';

export interface LinkBadgeProps {
  /** `refused`: the server wants a token. */
  readonly link: LinkState | 'refused';
  readonly staleSince: string | null;
  /** The time of the latest event in milliseconds since 1970; 0: none yet. */
  readonly heardAt: number;
  /** True if the reader paused the tail. */
  readonly paused?: boolean;
}

/** States in words whether the page is live; the dot shows the same. */
export function LinkBadge({ link, staleSince, heardAt, paused = false }: LinkBadgeProps) {
  const [kind, text] = describe(link, staleSince, heardAt, paused);
  return (
    <span class={`link-badge ${kind}`} role="status">
      <span class="dot" aria-hidden="true" />
      {text}
    </span>
  );
}

function describe(
  link: LinkBadgeProps['link'],
  staleSince: string | null,
  heardAt: number,
  paused: boolean,
): [string, string] {
  if (link === 'refused') return ['stale', heardAt === 0 ? 'Needs a token' : 'Access ended'];
  if (link === 'connecting') return ['waiting', 'Connecting …'];
  if (link === 'reconnecting' && heardAt === 0) return ['stale', 'No connection yet'];
  if (link === 'reconnecting') return ['stale', `Stale since ${formatClock(heardAt)}`];
  if (staleSince !== null) return ['stale', `Stale since ${formatClock(staleSince)}`];
  return paused ? ['waiting', 'Paused'] : ['live', 'Live'];
}
