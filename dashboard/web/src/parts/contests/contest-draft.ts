import type { ContestView } from '../../../../api/contests.ts';
import { toLocalTime } from '../../data/format.ts';
import { optionIds } from './option-ids.ts';

/** The values of the contest form. */
export interface ContestDraft {
  readonly title: string;
  readonly rule: ContestView['rule'];
  /** Values of datetime-local inputs, in the reader's time zone; empty: opens at once, and is closed by hand. */
  readonly opensAt: string;
  readonly closesAt: string;
  readonly hidden: boolean;
  readonly options: readonly OptionDraft[];
}

export interface OptionDraft {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** True if the option is already saved: it keeps its id and cannot be removed. */
  readonly fixed: boolean;
}

const COLORS = ['#0b7285', '#d9480f', '#2b8a3e', '#862e9c', '#1864ab', '#c92a2a', '#e67700', '#5c940d'];

/** The initial draft of a form. */
export function draftOf(contest: ContestView | undefined): ContestDraft {
  return {
    title: contest?.title ?? '',
    rule: contest?.rule ?? 'one-per-voter',
    opensAt: inputTime(contest?.opensAt),
    closesAt: inputTime(contest?.closesAt),
    hidden: contest?.hidden ?? false,
    options: contest?.options.map((option) => ({ ...option, fixed: true })) ?? [newOption(0), newOption(1)],
  };
}

/** The draft of a copy of a contest, without times because those of the original may be in the past. */
export function copyOf(contest: ContestView): ContestDraft {
  const draft = draftOf(contest);
  const options = draft.options.map((option) => ({ ...option, fixed: false }));
  return { ...draft, title: `${contest.title} (copy)`.slice(0, 200), opensAt: '', closesAt: '', options };
}

export function newOption(index: number): OptionDraft {
  return { id: '', label: '', colour: COLORS[index % COLORS.length] ?? '#0b7285', attributes: {}, fixed: false };
}

/** Moves an option one place up (-1) or down (1). */
export function moveOption(options: readonly OptionDraft[], index: number, by: -1 | 1): readonly OptionDraft[] {
  const option = options[index];
  if (option === undefined) return options;
  return options.toSpliced(index, 1).toSpliced(index + by, 0, option);
}

/** The fields of a new contest for the contests API, except its id. */
export function newFields({ title, rule, hidden, opensAt, closesAt, options }: ContestDraft) {
  return { title, rule, hidden, opensAt: apiTime(opensAt), closesAt: apiTime(closesAt), options: apiOptions(options) };
}

/**
 * The fields that a draft changes in the version that it is based on. The form has minutes only, so an unchanged time
 * keeps its milliseconds; an earlier closing time would make votes late.
 */
export function changedFields(draft: ContestDraft, base: ContestView) {
  const before = draftOf(base);
  const options = apiOptions(draft.options);
  return {
    ...(draft.title !== before.title && { title: draft.title }),
    ...(draft.hidden !== before.hidden && { hidden: draft.hidden }),
    ...(draft.opensAt !== before.opensAt && { opensAt: apiTime(draft.opensAt) }),
    ...(draft.closesAt !== before.closesAt && { closesAt: apiTime(draft.closesAt) }),
    ...(JSON.stringify(options) !== JSON.stringify(apiOptions(before.options)) && { options }),
  };
}

/** Rebases a draft from `base` onto the current version; options that others added stay. */
export function rebase(draft: ContestDraft, base: ContestView, current: ContestView): ContestDraft {
  const changed = changedFields(draft, base);
  const fresh = draftOf(current);
  const added = fresh.options.filter(({ id }) => !draft.options.some((option) => option.id === id));
  return {
    ...fresh,
    ...(changed.title !== undefined && { title: draft.title }),
    ...(changed.hidden !== undefined && { hidden: draft.hidden }),
    ...('opensAt' in changed && { opensAt: draft.opensAt }),
    ...('closesAt' in changed && { closesAt: draft.closesAt }),
    ...(changed.options !== undefined && { options: [...draft.options, ...added] }),
  };
}

/** Checks the times that a draft changes, because the server's message is meant for programs. */
export function timeProblem(draft: ContestDraft, base: ContestView | undefined, now: number): FieldError | undefined {
  const { opensAt, closesAt } = draft;
  if (closesAt === '' || (closesAt === inputTime(base?.closesAt) && opensAt === inputTime(base?.opensAt)))
    return undefined;
  const closes = Date.parse(closesAt);
  const message =
    closes <= now
      ? `must be in the future.${base?.status === 'open' ? ' To close the contest now, use “Close now”.' : ''}`
      : closes <= Date.parse(opensAt)
        ? 'must be later than the opening.'
        : undefined;
  return message === undefined ? undefined : { field: 'closesAt', message };
}

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** A message of the server without the API's name of the field, which the form names in its own words. */
export function withoutField({ field, message }: FieldError): string {
  const name = field.replace(/^.*\./, '');
  return message.startsWith(`${name} `) ? message.slice(name.length + 1) : message;
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  id: 'Title',
  title: 'Title',
  rule: 'Rule',
  options: 'Options',
  closesAt: 'Closes',
  opensAt: 'Opens',
  hidden: 'Hide the results',
  pauses: 'Pauses',
  countsFrom: 'Counts from',
  browsersOnly: 'Vote page only',
};

/** The form's name of an API field, such as `Option 2` for `options[1].label`. */
export function fieldName(field: string): string {
  const index = /^options\[(\d+)\]/.exec(field)?.[1];
  return index === undefined ? (FIELD_NAMES[field] ?? field) : `Option ${Number(index) + 1}`;
}

function apiOptions(options: readonly OptionDraft[]) {
  const ids = optionIds(options);
  return options.map(({ label, colour, attributes }, index) => ({ id: ids[index], label, colour, attributes }));
}

function apiTime(value: string): string | null {
  return value === '' ? null : new Date(value).toISOString();
}

function inputTime(time: string | null | undefined): string {
  return time == null ? '' : toLocalTime(time, 'minute');
}
