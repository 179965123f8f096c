import type { ContestView } from '../../../../api/contests.ts';
import { toLocalTime } from '../../data/format.ts';

/** The values of the contest form. */
export interface ContestDraft {
  readonly title: string;
  readonly rule: ContestView['rule'];
  /** The value of a datetime-local input, in the reader's time zone; empty: closed by hand. */
  readonly closesAt: string;
  readonly hidden: boolean;
  readonly options: readonly OptionDraft[];
}

export interface OptionDraft {
  readonly id: string;
  readonly label: string;
  readonly colour: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Saved before: it keeps its id and cannot be removed. */
  readonly fixed: boolean;
}

const COLORS = ['#0b7285', '#d9480f', '#2b8a3e', '#862e9c', '#1864ab', '#c92a2a', '#e67700', '#5c940d'];
const MAX_ID = 64;

/** The initial draft of a form. */
export function draftOf(contest: ContestView | undefined): ContestDraft {
  return {
    title: contest?.title ?? '',
    rule: contest?.rule ?? 'one-per-voter',
    closesAt: closingTime(contest),
    hidden: contest?.hidden ?? false,
    options: contest?.options.map((option) => ({ ...option, fixed: true })) ?? [newOption(0), newOption(1)],
  };
}

export function newOption(index: number): OptionDraft {
  return { id: '', label: '', colour: COLORS[index % COLORS.length] ?? '#0b7285', attributes: {}, fixed: false };
}

/**
 * The input of the contests API, without the fields that a contest keeps for good. An unchanged closing time keeps its
 * milliseconds: the form has minutes, and an earlier closing time would make votes late.
 */
export function contestFields({ title, hidden, closesAt, options }: ContestDraft, contest?: ContestView) {
  const ids = optionIds(options);
  const isNewTime = contest === undefined || closesAt !== closingTime(contest);
  return {
    title,
    hidden,
    ...(isNewTime && { closesAt: closesAt === '' ? null : new Date(closesAt).toISOString() }),
    options: options.map(({ label, colour, attributes }, index) => ({ id: ids[index], label, colour, attributes })),
  };
}

/** The id of a new contest: its title, or a random id if the title has no Latin letters or digits. */
export function contestId(title: string, taken: readonly string[]): string {
  return freeId(toId(title) || `contest-${Math.random().toString(36).slice(2, 8)}`, new Set(taken));
}

/** The id of each option: its saved id, or one made of its label. */
function optionIds(options: readonly OptionDraft[]): string[] {
  const taken = new Set(options.filter(({ fixed }) => fixed).map(({ id }) => id));
  return options.map(({ id, label, fixed }, index) => {
    if (fixed) return id;
    const own = freeId(toId(label) || `option-${index + 1}`, taken);
    taken.add(own);
    return own;
  });
}

function freeId(id: string, taken: ReadonlySet<string>): string {
  for (let n = 2, free = id; ; n++) {
    if (!taken.has(free)) return free;
    free = `${id.slice(0, MAX_ID - `-${n}`.length)}-${n}`;
  }
}

/** A label as an id: letters without accents, hyphens between words. Empty if no character can be kept. */
function toId(label: string): string {
  const plain = label.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
  return plain
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, MAX_ID);
}

const FIELD_NAMES: Readonly<Record<string, string>> = {
  id: 'Title',
  title: 'Title',
  rule: 'Rule',
  options: 'Options',
  closesAt: 'Closes',
  opensAt: 'Opens',
  hidden: 'Hide the results',
};

/** The form's name of an API field, such as `Option 2` for `options[1].label`. */
export function fieldName(field: string): string {
  const index = /^options\[(\d+)\]/.exec(field)?.[1];
  return index === undefined ? (FIELD_NAMES[field] ?? field) : `Option ${Number(index) + 1}`;
}

function closingTime(contest: ContestView | undefined): string {
  return contest === undefined || contest.closesAt === null ? '' : toLocalTime(contest.closesAt, 'minute');
}
