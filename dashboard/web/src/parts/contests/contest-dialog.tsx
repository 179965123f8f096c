import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ContestView } from '../../../../api/contests.ts';
import type { ProblemView } from '../../../../api/problem.ts';
import { adminFetch } from '../../data/admin.ts';
import { addContest, useLiveResults } from '../../data/live-results.ts';
import { navigate } from '../../data/route.ts';
import { announce } from '../shell/announcer.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { AdminGate } from './admin-gate.tsx';
import {
  type ContestDraft,
  changedFields,
  copyOf,
  draftOf,
  type FieldError,
  fieldName,
  newFields,
  rebase,
  timeProblem,
  withoutField,
} from './contest-draft.ts';
import { EditConflict } from './edit-conflict.tsx';
import { OptionFields } from './option-fields.tsx';
import { contestId } from './option-ids.ts';

interface ContestDialogProps {
  /** The contest to edit. */
  readonly contest?: ContestView;
  /** The contest to copy into a new one. */
  readonly original?: ContestView;
  readonly onClose: () => void;
}

/** Creates, duplicates or edits a contest. */
export function ContestDialog({ contest, original, onClose }: ContestDialogProps) {
  // The state is above the gate, so that a rejected token does not discard the draft.
  const [draft, setDraft] = useState(() => (original === undefined ? draftOf(contest) : copyOf(original)));
  // The version that the draft is based on, not the latest: saving must not undo changes that others saved.
  const [base, setBase] = useState(contest);
  const title =
    contest !== undefined ? `Edit “${contest.title}”` : original !== undefined ? 'Duplicate' : 'New contest';
  return (
    <Dialog title={title} onClose={onClose}>
      <AdminGate>
        <ContestForm base={base} onBase={setBase} draft={draft} onDraft={setDraft} onDone={onClose} />
      </AdminGate>
    </Dialog>
  );
}

interface ContestFormProps {
  /** Undefined for a new contest. */
  readonly base: ContestView | undefined;
  readonly onBase: (base: ContestView) => void;
  readonly draft: ContestDraft;
  readonly onDraft: (draft: ContestDraft) => void;
  readonly onDone: () => void;
}

function ContestForm({ base, onBase, draft, onDraft, onDone }: ContestFormProps) {
  const { title, rule, opensAt, closesAt, hidden, options } = draft;
  const { contests = [] } = useLiveResults();
  const [problem, setProblem] = useState<ProblemView>();
  const [timeError, setTimeError] = useState<FieldError>();
  const prefix = useId();
  const first = useRef<HTMLInputElement>(null);
  const busy = useRef(false);
  useEffect(() => first.current?.focus(), []);

  const set = (part: Partial<ContestDraft>) => onDraft({ ...draft, ...part });
  const once = async (work: () => Promise<void>) => {
    // A second press while the first request is in progress would create a second contest.
    if (busy.current) return;
    busy.current = true;
    await work().finally(() => {
      busy.current = false;
    });
  };
  const create = async () => {
    const id = contestId(
      title,
      contests.map((contest) => contest.id),
    );
    const answer = await adminFetch<ContestView>('POST', '/api/contests', { id, ...newFields(draft) });
    if (!answer.ok) return setProblem(answer.problem);
    announce(`Created “${title}”.`);
    onDone();
    addContest(answer.value);
    navigate(`/contests/${answer.value.id}`);
  };
  const save = async (own: ContestDraft, version: ContestView) => {
    const fields = changedFields(own, version);
    if (Object.keys(fields).length === 0) return onDone();
    const match = { 'if-match': `"${version.tag}"` };
    const answer = await adminFetch<ContestView>('PATCH', `/api/contests/${version.id}`, fields, match);
    if (!answer.ok) return setProblem(answer.problem);
    announce(`Saved “${own.title}”.`);
    onDone();
  };
  const current = problem?.code === 'precondition_failed' ? (problem.current as ContestView) : undefined;
  const refused = problem === undefined || current !== undefined ? undefined : problem;
  const errors =
    timeError !== undefined ? [timeError] : (refused?.errors ?? (refused && [{ field: '', message: refused.detail }]));
  const take = (next: ContestDraft, version: ContestView) => {
    setProblem(undefined);
    onBase(version);
    onDraft(next);
  };

  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        const wrong = timeProblem(draft, base, Date.now());
        setTimeError(wrong);
        if (wrong === undefined) void once(() => (base === undefined ? create() : save(draft, base)));
      }}
    >
      {errors !== undefined && <Errors errors={errors} />}
      {current !== undefined && base !== undefined && (
        <EditConflict
          base={base}
          current={current}
          onKeep={() => {
            const next = rebase(draft, base, current);
            take(next, current);
            void once(() => save(next, current));
          }}
          onDiscard={() => take(draftOf(current), current)}
        />
      )}
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
      {base === undefined && (
        <>
          <label for={`${prefix}r`}>Rule</label>
          <select id={`${prefix}r`} value={rule} onChange={(e) => set({ rule: e.currentTarget.value as typeof rule })}>
            <option value="one-per-voter">One vote per voter, can be changed</option>
            <option value="open">Every vote counts</option>
          </select>
        </>
      )}
      <label for={`${prefix}o`}>Opens (empty: at once)</label>
      <input
        id={`${prefix}o`}
        type="datetime-local"
        value={opensAt}
        onInput={(e) => set({ opensAt: e.currentTarget.value })}
      />
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
      <OptionFields options={options} onOptions={(next) => set({ options: next })} />
      <div class="row end">
        <button type="submit" class="primary">
          {base === undefined ? 'Create contest' : 'Save'}
        </button>
      </div>
    </form>
  );
}

function Errors({ errors }: { errors: readonly FieldError[] }) {
  return (
    <div class="form-error" role="alert">
      <ul>
        {errors.map(({ field, message }) => (
          <li key={field + message}>
            {field !== '' && <strong>{fieldName(field)}: </strong>}
            {withoutField({ field, message })}
          </li>
        ))}
      </ul>
    </div>
  );
}
