import type { ContestView } from '../../../../api/contests.ts';
import { formatMinute } from '../../data/format.ts';

/** The status of a contest, and until when it lasts. */
export function StatusChip({ contest }: { contest: Omit<ContestView, 'options'> }) {
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
        {status === 'open' ? 'Open' : status === 'closed' ? 'Closed' : 'Scheduled'}
        {until !== '' && <span class="chip-more"> {until}</span>}
      </span>
      {contest.resultsHidden && <span class="chip hidden">Results hidden</span>}
    </span>
  );
}
