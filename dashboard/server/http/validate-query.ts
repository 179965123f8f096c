import { validator } from 'hono-openapi';
import type { GenericSchema } from 'valibot';
import type { Problem } from '../../../http/problem.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { DashboardEnv } from '../dashboard-env.ts';
import { problemResponse } from './problem-response.ts';

/** The part of a validation issue that every schema library shares. */
export interface QueryIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/**
 * Validates the query of a request. Use a strict schema: a mistyped filter must never show more than was asked for. A
 * repeated parameter reaches the schema as a list.
 */
export function validateQuery<const T extends GenericSchema>(schema: T) {
  return validator<T, 'query', DashboardEnv, string>('query', schema, (result) =>
    result.success ? undefined : problemResponse(invalidQuery(result.error)),
  );
}

export function invalidQuery(issues: readonly QueryIssue[]): Problem {
  const errors = issues.map(({ message, path }) => ({ field: fieldOf(path).slice(0, 64), message }));
  const [first] = errors;
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  return {
    code: ErrorCode.INVALID_ARGUMENT,
    detail: `The query has ${count}: ${first?.field}: ${first?.message}`,
    errors,
  };
}

function fieldOf(path: QueryIssue['path']): string {
  const [first = ''] = path ?? [];
  return String(typeof first === 'object' ? first.key : first);
}
