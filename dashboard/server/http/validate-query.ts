import type { MiddlewareHandler } from 'hono';
import { uniqueSymbol } from 'hono-openapi';
import * as v from 'valibot';
import type { Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { DashboardEnv } from '../dashboard-env.ts';
import { schemaOf } from '../openapi/describe.ts';

type QueryOf<T extends v.GenericSchema> = {
  in: { query: Record<string, string> };
  out: { query: v.InferOutput<T> };
};

/**
 * Validates the query of a request, and describes it in the OpenAPI document. Use a strict schema, so that a mistyped
 * filter never shows more than was asked for. The schema gets a repeated parameter as a list. Hono's own validator
 * would silently drop a parameter named `__proto__`.
 */
export function validateQuery<const T extends v.GenericSchema>(
  schema: T,
): MiddlewareHandler<DashboardEnv, string, QueryOf<T>> {
  const validate: MiddlewareHandler<DashboardEnv, string, QueryOf<T>> = async (c, next) => {
    const result = v.safeParse(schema, toObject(new URL(c.req.url).searchParams));
    if (!result.success) return problemResponse(invalidQuery(result.issues));
    c.req.addValidatedData('query', result.output as object);
    return next();
  };
  return Object.assign(validate, { [uniqueSymbol]: { target: 'query', ...schemaOf(schema) } });
}

/** The object has no prototype, so no name is special. */
function toObject(params: URLSearchParams): Record<string, unknown> {
  const query: Record<string, unknown> = Object.create(null);
  for (const name of params.keys()) {
    const values = params.getAll(name);
    query[name] = values.length === 1 ? values[0] : values;
  }
  return query;
}

function invalidQuery(issues: readonly v.BaseIssue<unknown>[]): Problem {
  const errors = issues.map(({ message, path }) => ({ field: String(path?.[0].key ?? '').slice(0, 64), message }));
  const [first] = errors;
  const count = errors.length === 1 ? 'an error' : `${errors.length} errors`;
  return {
    code: ErrorCode.INVALID_ARGUMENT,
    detail: `The query has ${count}: ${first?.field} ${first?.message}`,
    errors,
  };
}
