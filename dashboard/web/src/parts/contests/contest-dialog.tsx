import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ContestView } from '../../../../api/contests.ts';
import type { ProblemView } from '../../../../api/problem.ts';
import { adminFetch } from '../../data/admin.ts';
import { addContest, useLiveResults } from '../../data/live-results.ts';
import { navigate } from '../../data/route.ts';
import { announce } from '../shell/announcer.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { Icon } from '../shell/icon.tsx';
import { AdminGate } from './admin-gate.tsx';
import {
  type ContestDraft,
  contestFields,
  contestId,
  draftOf,
  fieldName,
  newOption,
  type OptionDraft,
} from './contest-draft.ts';

/** Creates or edits a contest. */
export function ContestDialog({ contest, onClose }: { contest?: ContestView; onClose: () => void }) {
  // Above the gate: a rejected token must not discard the draft.
  const [draft, setDraft] = useState(() => draftOf(contest));
  return (
    <Dialog title={contest === undefined ? 'New contest' : `Edit “${contest.title}”`} onClose={onClose}>
      <AdminGate>
        <ContestForm {...(contest !== undefined && { contest })} draft={draft} onDraft={setDraft} onDone={onClose} />
      </AdminGate>
    </Dialog>
  );
}

interface ContestFormProps {
  readonly contest?: ContestView;
  readonly draft: ContestDraft;
  readonly onDraft: (draft: ContestDraft) => void;
  readonly onDone: () => void;
}

function ContestForm({ contest, draft, onDraft, onDone }: ContestFormProps) {
  const { title, rule, closesAt, hidden, options } = draft;
  const { contests = [] } = useLiveResults();
  const [problem, setProblem] = useState<ProblemView>();
  const prefix = useId();
  const first = useRef<HTMLInputElement>(null);
  const busy = useRef(false);
  useEffect(() => first.current?.focus(), []);

  const set = (part: Partial<ContestDraft>) => onDraft({ ...draft, ...part });
  const edit = (index: number, part: Partial<OptionDraft>) =>
    set({ options: options.map((option, at) => (at === index ? { ...option, ...part } : option)) });
  const submit = async (event: Event) => {
    event.preventDefault();
    // A second press while the first request is in progress would create a second contest.
    if (busy.current) return;
    busy.current = true;
    await save().finally(() => {
      busy.current = false;
    });
  };
  const save = async () => {
    const fields = contestFields(draft, contest);
    const taken = contests.map(({ id }) => id);
    const answer =
      contest === undefined
        ? await adminFetch<ContestView>('POST', '/api/contests', { id: contestId(title, taken), rule, ...fields })
        : await adminFetch<ContestView>('PATCH', `/api/contests/${contest.id}`, fields);
    if (!answer.ok) return setProblem(answer.problem);
    announce(contest === undefined ? `Created “${title}”.` : `Saved “${title}”.`);
    onDone();
    if (contest !== undefined) return;
    addContest(answer.value);
    navigate(`/contests/${answer.value.id}`);
  };

  return (
    <form class="form" onSubmit={submit}>
      {problem !== undefined && <Errors problem={problem} />}
      <label for={`${prefix}t`}>Title</label>
      <input
        ref={first}
        id={`${prefix}t`}
        dir="auto"
        required
        maxLength={200}
        value={title}
        onInput={(e) => set({ title: e.currentTarget.value })}
      />
      {contest === undefined && (
        <>
          <label for={`${prefix}r`}>Rule</label>
          <select id={`${prefix}r`} value={rule} onChange={(e) => set({ rule: e.currentTarget.value as typeof rule })}>
            <option value="one-per-voter">One vote per voter, can be changed</option>
            <option value="open">Every vote counts</option>
          </select>
        </>
      )}
      <label for={`${prefix}c`}>Closes (empty: when you close it)</label>
      <input
        id={`${prefix}c`}
        type="datetime-local"
        value={closesAt}
        onInput={(e) => set({ closesAt: e.currentTarget.value })}
      />
      <label class="check">
        <input type="checkbox" checked={hidden} onChange={(e) => set({ hidden: e.currentTarget.checked })} /> Hide the
        results until it closes
      </label>
      <fieldset>
        <legend>Options</legend>
        {options.map((option, index) => (
          <div class="option-row" key={index}>
            <input
              type="color"
              aria-label={`Color of option ${index + 1}`}
              value={option.colour}
              onInput={(e) => edit(index, { colour: e.currentTarget.value })}
            />
            <input
              dir="auto"
              required
              maxLength={200}
              aria-label={`Label of option ${index + 1}`}
              value={option.label}
              onInput={(e) => edit(index, { label: e.currentTarget.value })}
            />
            <button
              type="button"
              class="quiet square"
              aria-label={`Remove option ${index + 1}`}
              disabled={option.fixed || options.length === 1}
              onClick={() => set({ options: options.filter((_, at) => at !== index) })}
            >
              <Icon name="close" />
            </button>
          </div>
        ))}
        <button type="button" onClick={() => set({ options: [...options, newOption(options.length)] })}>
          <Icon name="plus" /> Add option
        </button>
      </fieldset>
      <div class="row end">
        <button type="submit" class="primary">
          {contest === undefined ? 'Create contest' : 'Save'}
        </button>
      </div>
    </form>
  );
}

function Errors({ problem }: { problem: ProblemView }) {
  const errors = problem.errors ?? [{ field: '', message: problem.detail }];
  return (
    <ul class="form-error" role="alert">
      {errors.map(({ field, message }) => (
        <li key={field + message}>
          {field !== '' && <strong>{fieldName(field)}: </strong>}
          {message}
        </li>
      ))}
    </ul>
  );
}
