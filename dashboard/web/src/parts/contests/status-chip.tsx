import type { ContestView } from '../../../../api/contests.ts';
import { formatMinute } from '../../data/format.ts';

const STATUS_NAMES: Readonly<Record<ContestView['status'], string>> = {
  scheduled: 'Scheduled',
  open: 'Open',
  paused: 'Paused',
  closed: 'Closed',
};

/** The status of a contest, and when it ends. */
export function StatusChip({ contest }: { contest: Omit<ContestView, 'options' | 'tag'> }) {
  const { status, opensAt, closesAt } = contest;
  const until =
    status === 'scheduled' && opensAt !== null
      ? `opens ${formatMinute(opensAt)}`
      : status === 'open' && closesAt !== null
        ? `until ${formatMinute(closesAt)}`
        : '';
  return (
    <span class="chips">
      <span class={`chip ${status}`}>
        {STATUS_NAMES[status]}
        {until !== '' && <span class="chip-more"> {until}</span>}
      </span>
      {contest.resultsHidden && <span class="chip hidden">Results hidden</span>}
    </span>
  );
}
