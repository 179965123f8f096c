import type { Contest } from '../contests/contest.ts';
import type { AuditChange } from './audit-log.ts';

type Field = keyof Contest;
const FIELDS: readonly Field[] = [
  'title',
  'options',
  'opensAt',
  'closesAt',
  'hidden',
  'browsersOnly',
  'countsFrom',
  'pauses',
];

/** The fields in which two versions of a contest differ; undefined: the contest did not exist. */
export function contestChanges(before: Contest | undefined, after: Contest | undefined): AuditChange[] {
  return FIELDS.flatMap((field) => {
    const [from, to] = [textOf(before, field), textOf(after, field)];
    return from === to ? [] : [{ field, from, to }];
  });
}

function textOf(contest: Contest | undefined, field: Field): string | null {
  if (contest === undefined) return null;
  if (field === 'options') return contest.options.map(({ label, colour }) => `${label} (${colour})`).join(', ');
  if (field === 'pauses') return contest.pauses?.map(({ from, to }) => `${from} to ${to ?? 'now'}`).join(', ') ?? null;
  const value = contest[field];
  return value === undefined || value === null || value === false ? null : String(value);
}
