import * as v from 'valibot';
import type { Contest } from '../contest.ts';
import { contestSchema, storedContestSchema } from './contest-schema.ts';

/** An invalid field of a contest. `field` is a path such as `options[1].id`; empty for the whole document. */
export interface ContestFieldError {
  readonly field: string;
  readonly message: string;
}

export type ParsedContest =
  | { readonly ok: true; readonly contest: Contest }
  | { readonly ok: false; readonly errors: readonly ContestFieldError[] };

/** Validates parsed JSON from a client and reports all invalid fields. */
export function parseContest(input: unknown): ParsedContest {
  return parse(contestSchema, input);
}

/** Reads a contest's JSON from Redis. */
export function parseStoredContest(json: string): ParsedContest {
  try {
    return parse(storedContestSchema, JSON.parse(json));
  } catch {
    // The field is not JSON: another program wrote it.
    return { ok: false, errors: [{ field: '', message: 'A contest must be a JSON object.' }] };
  }
}

function parse(schema: v.GenericSchema<unknown, Contest>, input: unknown): ParsedContest {
  const result = v.safeParse(schema, input);
  if (result.success) return { ok: true, contest: result.output };
  return { ok: false, errors: result.issues.map(({ path = [], message }) => ({ field: fieldOf(path), message })) };
}

/** Formats a path, such as `options[1].id`. */
function fieldOf(path: readonly v.IssuePathItem[]): string {
  const steps = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key).slice(0, 64)}`));
  return steps.join('').replace(/^\./, '');
}
