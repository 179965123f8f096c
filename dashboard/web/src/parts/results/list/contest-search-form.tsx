import { useId } from 'preact/hooks';
import type { ContestSearch } from './contest-search.ts';

/** Finds contests by text and status. */
export function ContestSearchForm(props: { search: ContestSearch; onChange: (search: ContestSearch) => void }) {
  const { search, onChange } = props;
  const prefix = useId();
  return (
    <search class="contest-search row">
      <label class="visually-hidden" for={`${prefix}t`}>
        Search contests
      </label>
      <input
        id={`${prefix}t`}
        type="search"
        placeholder="Search contests"
        value={search.text}
        onInput={(event) => onChange({ ...search, text: event.currentTarget.value })}
      />
      <label class="visually-hidden" for={`${prefix}s`}>
        Status
      </label>
      <select
        id={`${prefix}s`}
        value={search.status}
        onChange={(event) => onChange({ ...search, status: event.currentTarget.value as ContestSearch['status'] })}
      >
        <option value="">Any status</option>
        <option value="open">Open</option>
        <option value="paused">Paused</option>
        <option value="scheduled">Scheduled</option>
        <option value="closed">Closed</option>
      </select>
    </search>
  );
}
