import * as v from 'valibot';
import type { Contest } from '../contest.ts';
import { contestSchema, storedContestSchema } from './contest-schema.ts';

/** A field of a contest that breaks a rule. `field` is a path such as `options[1].id`; empty for the whole document. */
export interface ContestFieldError {
  readonly field: string;
  readonly message: string;
}

export type ParsedContest =
  | { readonly ok: true; readonly contest: Contest }
  | { readonly ok: false; readonly errors: readonly ContestFieldError[] };

/** Validates parsed JSON that a client sent, and reports all fields that break a rule. */
export function parseContest(input: unknown): ParsedContest {
  return parse(contestSchema, input);
}

/** Reads a contest's JSON from Redis. */
export function parseStoredContest(json: string): ParsedContest {
  try {
    return parse(storedContestSchema, JSON.parse(json));
  } catch {
    // JSON.parse threw: another program wrote this field.
    return { ok: false, errors: [{ field: '', message: 'A contest must be a JSON object.' }] };
  }
}

function parse(schema: v.GenericSchema<unknown, Contest>, input: unknown): ParsedContest {
  const result = v.safeParse(schema, input);
  if (result.success) return { ok: true, contest: result.output };
  return { ok: false, errors: result.issues.map(({ path = [], message }) => ({ field: fieldOf(path), message })) };
}

/** `options[1].id` */
function fieldOf(path: readonly v.IssuePathItem[]): string {
  const steps = path.map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key).slice(0, 64)}`));
  return steps.join('').replace(/^\./, '');
}
