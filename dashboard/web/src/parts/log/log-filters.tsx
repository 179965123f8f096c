import { useEffect, useId, useState } from 'preact/hooks';
import type { ContestSummary, ContestView } from '../../../../api/contests.ts';
import { zoneName } from '../../data/format.ts';
import type { LogFilter } from '../../data/log/log-filter.ts';
import { Icon } from '../shell/icon.tsx';

export interface LogFiltersProps {
  readonly filter: LogFilter;
  readonly contests: readonly ContestSummary[];
  /** Contests with their options; includes the contest of the filter once it is loaded. */
  readonly details: ReadonlyMap<string, ContestView>;
  readonly onChange: (filter: LogFilter) => void;
  readonly onClear: () => void;
}

/** The form above the log. Lists apply at once, text fields with Enter or the button. */
export function LogFilters({ filter, contests, details, onChange, onClear }: LogFiltersProps) {
  const [draft, setDraft] = useState(filter);
  useEffect(() => setDraft(filter), [filter]);
  const prefix = useId();
  const contest = details.get(draft.contest);
  const set = (part: Partial<LogFilter>) => setDraft({ ...draft, ...part });
  const apply = (part: Partial<LogFilter>) => onChange({ ...draft, ...part });
  const count = Object.values(filter).filter((value) => value !== '').length;
  return (
    <details class="card filter-box" open={!isNarrow()}>
      <summary>
        <Icon name="manage" /> Filters{count > 0 && <span class="count-pill">{count}</span>}
      </summary>
      <form
        class="filters"
        aria-label="Filters"
        onSubmit={(event) => {
          event.preventDefault();
          apply({});
        }}
      >
        <div class="field">
          <label for={`${prefix}contest`}>Contest</label>
          <select
            id={`${prefix}contest`}
            value={draft.contest}
            onChange={(e) => apply({ contest: e.currentTarget.value, choice: '' })}
          >
            <option value="">All</option>
            {contests.map(({ id, title }) => (
              <option key={id} value={id}>
                {title}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={`${prefix}choice`}>Choice</label>
          <select
            id={`${prefix}choice`}
            value={draft.choice}
            disabled={contest === undefined || contest.resultsHidden}
            onChange={(e) => apply({ choice: e.currentTarget.value })}
          >
            <option value="">
              {contest === undefined ? 'Pick a contest first' : contest.resultsHidden ? 'Hidden' : 'All'}
            </option>
            {contest?.options.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={`${prefix}path`}>Transport</label>
          <select id={`${prefix}path`} value={draft.path} onChange={(e) => apply({ path: e.currentTarget.value })}>
            <option value="">All</option>
            <option value="http">HTTP</option>
            <option value="grpc">gRPC</option>
            <option value="connect">Connect</option>
          </select>
        </div>
        <div class="field wide">
          <label for={`${prefix}voter`}>Voter</label>
          <input
            id={`${prefix}voter`}
            type="search"
            placeholder="An id, or a key from the log"
            autocomplete="off"
            spellcheck={false}
            value={draft.voter}
            onInput={(e) => set({ voter: e.currentTarget.value })}
          />
        </div>
        <div class="field time">
          <label for={`${prefix}since`}>Since ({zoneName()})</label>
          <input
            id={`${prefix}since`}
            type="datetime-local"
            step="1"
            value={draft.since}
            onInput={(e) => set({ since: e.currentTarget.value })}
          />
        </div>
        <div class="field time">
          <label for={`${prefix}until`}>Until ({zoneName()})</label>
          <input
            id={`${prefix}until`}
            type="datetime-local"
            step="1"
            value={draft.until}
            onInput={(e) => set({ until: e.currentTarget.value })}
          />
        </div>
        <div class="field buttons">
          <button type="submit" class="primary">
            Apply
          </button>
          <button type="button" class="quiet" disabled={count === 0} onClick={onClear}>
            Clear
          </button>
        </div>
      </form>
    </details>
  );
}

/** On phones the filters are collapsed, so that the votes come first. */
function isNarrow(): boolean {
  return matchMedia('(max-width: 640px)').matches;
}
