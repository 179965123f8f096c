import type { Contest } from '../contest.ts';
import { type ContestFieldError, type ParsedContest, parseContest } from './parse-contest.ts';

/**
 * Replaces the fields of a contest that are in `input` (parsed JSON). The id and the rule cannot change. Options cannot
 * be removed, because votes for them may be counted. Pauses and resets are separate operations.
 */
export function updated(old: Contest, input: unknown): ParsedContest {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return { ok: false, errors: [{ field: '', message: 'An update of a contest must be a JSON object.' }] };
  }
  const { countsFrom, pauses, ...fields } = old;
  const parsed = parseContest({ ...fields, ...input });
  if (!parsed.ok) return parsed;
  const kept = { ...(countsFrom && { countsFrom }), ...(pauses && { pauses }) };
  const errors = [...fixedFields(old, parsed.contest), ...('options' in input ? equalLabels(parsed.contest) : [])];
  return errors.length > 0 ? { ok: false, errors } : { ok: true, contest: { ...parsed.contest, ...kept } };
}

/** Errors for options whose labels voters could not distinguish. */
export function equalLabels({ options }: Contest): ContestFieldError[] {
  const seen = new Map<string, number>();
  return options.flatMap(({ label }, index) => {
    const key = label.normalize('NFKC').trim().toLowerCase();
    const first = seen.get(key);
    seen.set(key, first ?? index);
    if (first === undefined) return [];
    const message = `Duplicate label ${JSON.stringify(label)}: option ${first + 1} has the same.`;
    return [{ field: `options[${index}].label`, message }];
  });
}

function fixedFields(old: Contest, next: Contest): ContestFieldError[] {
  const errors: ContestFieldError[] = [];
  if (next.id !== old.id) errors.push({ field: 'id', message: `id cannot change; it is "${old.id}".` });
  if (next.rule !== old.rule) errors.push({ field: 'rule', message: `rule cannot change; it is "${old.rule}".` });
  for (const option of old.options) {
    if (!next.options.some(({ id }) => id === option.id)) {
      const message = `Option "${option.id}" cannot be removed: votes for it may be counted.`;
      errors.push({ field: 'options', message });
    }
  }
  return errors;
}
