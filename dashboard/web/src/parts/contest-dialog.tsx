import { useId, useState } from 'preact/hooks';
import type { ContestView, ProblemView } from '../../../api.ts';
import { adminFetch } from '../data/admin.ts';
import { AdminGate } from './admin-gate.tsx';
import { announce } from './announcer.tsx';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';

const COLOURS = ['#0b7285', '#d9480f', '#2b8a3e', '#862e9c', '#1864ab', '#c92a2a', '#e67700', '#5c940d'];

interface OptionDraft {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** There before: its id stays, and it can't be taken away. */
  readonly fixed: boolean;
}

/** Makes a contest, or edits one. */
export function ContestDialog({ contest, onClose }: { contest?: ContestView; onClose: () => void }) {
  return (
    <Dialog title={contest === undefined ? 'New contest' : `Edit “${contest.title}”`} onClose={onClose}>
      <AdminGate>
        <ContestForm {...(contest !== undefined && { contest })} onDone={onClose} />
      </AdminGate>
    </Dialog>
  );
}

function ContestForm({ contest, onDone }: { contest?: ContestView; onDone: () => void }) {
  const [title, setTitle] = useState(contest?.title ?? '');
  const [rule, setRule] = useState(contest?.rule ?? 'one-per-voter');
  const [closesAt, setClosesAt] = useState(localTime(contest?.closesAt ?? null));
  const [hidden, setHidden] = useState(contest?.hidden ?? false);
  const [options, setOptions] = useState<readonly OptionDraft[]>(() => firstOptions(contest));
  const [problem, setProblem] = useState<ProblemView>();
  const prefix = useId();

  const submit = async (event: Event) => {
    event.preventDefault();
    const fields = {
      title,
      hidden,
      closesAt: closesAt === '' ? null : new Date(closesAt).toISOString(),
      options: options.map(({ id, label, colour, attributes, fixed }) => ({
        id: fixed ? id : toId(label),
        label,
        colour,
        attributes,
      })),
    };
    const answer =
      contest === undefined
        ? await adminFetch<ContestView>('POST', '/api/contests', { id: toId(title), rule, ...fields })
        : await adminFetch<ContestView>('PATCH', `/api/contests/${contest.id}`, fields);
    if (!answer.ok) return setProblem(answer.problem);
    announce(contest === undefined ? `Made “${title}”.` : `Changed “${title}”.`);
    onDone();
  };
  const edit = (index: number, part: Partial<OptionDraft>) =>
    setOptions(options.map((option, at) => (at === index ? { ...option, ...part } : option)));

  return (
    <form class="form" onSubmit={submit}>
      {problem !== undefined && <Errors problem={problem} />}
      <label for={`${prefix}t`}>Title</label>
      <input
        id={`${prefix}t`}
        required
        maxLength={200}
        value={title}
        onInput={(e) => setTitle(e.currentTarget.value)}
      />
      {contest === undefined && (
        <>
          <label for={`${prefix}r`}>Rule</label>
          <select id={`${prefix}r`} value={rule} onChange={(e) => setRule(e.currentTarget.value as typeof rule)}>
            <option value="one-per-voter">One vote a voter, who may change it</option>
            <option value="open">Every vote counts</option>
          </select>
        </>
      )}
      <label for={`${prefix}c`}>Closes (empty: when somebody closes it)</label>
      <input
        id={`${prefix}c`}
        type="datetime-local"
        value={closesAt}
        onInput={(e) => setClosesAt(e.currentTarget.value)}
      />
      <label class="check">
        <input type="checkbox" checked={hidden} onChange={(e) => setHidden(e.currentTarget.checked)} /> Hide the results
        until it closes
      </label>
      <fieldset>
        <legend>Options</legend>
        {options.map((option, index) => (
          <div class="option-row" key={index}>
            <input
              type="color"
              aria-label={`Colour of option ${index + 1}`}
              value={option.colour}
              onInput={(e) => edit(index, { colour: e.currentTarget.value })}
            />
            <input
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
              onClick={() => setOptions(options.filter((_, at) => at !== index))}
            >
              <Icon name="close" />
            </button>
          </div>
        ))}
        <button type="button" onClick={() => setOptions([...options, newOption(options.length)])}>
          <Icon name="plus" /> Add an option
        </button>
      </fieldset>
      <div class="row end">
        <button type="submit" class="primary">
          {contest === undefined ? 'Make the contest' : 'Save'}
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
          {field !== '' && <strong>{field}: </strong>}
          {message}
        </li>
      ))}
    </ul>
  );
}

function firstOptions(contest: ContestView | undefined): OptionDraft[] {
  return contest?.options.map((option) => ({ ...option, fixed: true })) ?? [newOption(0), newOption(1)];
}

function newOption(index: number): OptionDraft {
  return { id: '', label: '', colour: COLOURS[index % COLOURS.length] ?? '#0b7285', attributes: {}, fixed: false };
}

/** A label as an id: letters without their accents, hyphens between words. */
function toId(label: string): string {
  const plain = label.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 64);
}

/** The value of a datetime-local input, in the reader's own time zone. */
function localTime(time: string | null): string {
  if (time === null) return '';
  const date = new Date(time);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
