import { type DescribeRouteOptions, describeRoute, type ResponsesWithResolver, resolver } from 'hono-openapi';
import type { GenericSchema } from 'valibot';
import { problemSchema } from '../../api/problem.ts';

/** Parts of the route descriptions that make up `/openapi.json`. */

export const describe = (route: DescribeRouteOptions & { readonly operationId: string; readonly summary: string }) =>
  describeRoute(route);

/** OpenAPI 3.1 uses JSON Schema 2020-12, whose tuples differ from the converter's default. */
export const schemaOf = (schema: GenericSchema) => resolver(schema, { options: { target: 'draft-2020-12' } });

export const json = (schema: GenericSchema, description: string) => ({
  description,
  content: { 'application/json': { schema: schemaOf(schema) } },
});

export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: schemaOf(problemSchema) } },
});

export const events = (description: string) => ({
  description,
  content: { 'text/event-stream': { schema: { type: 'string' as const } } },
});

export const lastEventId = {
  name: 'Last-Event-ID',
  in: 'header',
  schema: { type: 'string' },
  description: 'The id of the last event received; only later events are sent.',
} as const;

/** Spread into the responses of a route that reads JSON. */
export const bodyProblems: ResponsesWithResolver = {
  400: problem('The body is empty, or not JSON.'),
  413: problem('The body is too long.'),
  415: problem('The body is compressed, or is not application/json.'),
};

/** Spread into the description of a route that needs the admin token. */
export const adminOnly = { security: [{ adminToken: [] }] };

export const adminProblems: ResponsesWithResolver = {
  401: problem('The token is missing or wrong.'),
  403: problem('A cookie does not authorize this, or changes are disabled.'),
  429: problem('Too many wrong tokens.'),
};

/** Spread into the description of a route that needs a token that may read the log. */
export const readerOnly = { security: [{ readToken: [] }, { adminToken: [] }, {}] };

export const readerProblems: ResponsesWithResolver = {
  401: problem('The token is missing or wrong, or the search needs one.'),
  429: problem('Too many wrong tokens, or too many open event streams.'),
};
export const unknownContestProblem = { 404: problem('Unknown contest.') };
export const tooManyStreamsProblem = { 429: problem('The address has too many open event streams.') };
export const invalidQueryProblem = { 422: problem('A parameter is unknown, repeated or invalid.') };
export const unavailableProblem = { 503: problem('A store is not available, or too many streams are open.') };
export const hiddenProblem = { 403: problem('The results are hidden until the contest closes.') };
