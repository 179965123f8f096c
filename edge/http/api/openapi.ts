import { MAX_BATCH_VOTES } from '../../../wasm/limits.ts';
import type { EdgeApp } from '../edge-env.ts';
import { openApiSchemas, ref } from './openapi-schemas.ts';

/** `GET /openapi.json`: the description of the edge's HTTP API. */
export function mountOpenApi(app: EdgeApp): void {
  // ASCII only, because the voter pattern contains invisible characters.
  const document = JSON.stringify(openApi()).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  app.get('/openapi.json', (c) => c.body(document, 200, { 'content-type': 'application/json' }));
}

const json = (schema: object) => ({ 'application/json': { schema } });
const answer = (description: string, schema: object) => ({ description, content: json(schema) });
const text = (description: string) => ({ description, content: { 'text/plain': { schema: { type: 'string' } } } });
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});
const path = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const contest = [path('id')];
/** Adds the answers to malformed HTTP and to an exhausted quota, which every read may get. */
const read = (responses: object) => ({
  ...responses,
  400: { description: 'Malformed request' },
  429: problem('The quota of reads is used up; see RateLimit'),
});

function openApi(): object {
  return {
    openapi: '3.1.0',
    info: { title: 'Votewire edge', version: '1', license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    paths: { '/v1/votes': { post: castVotes() }, ...reads(), ...operations() },
    components: {
      schemas: openApiSchemas,
      securitySchemes: {
        producerKey: { type: 'http', scheme: 'bearer', description: 'If PRODUCER_KEYS is set' },
        metricsToken: { type: 'http', scheme: 'bearer', description: 'If METRICS_TOKEN is set' },
      },
    },
  };
}

function reads(): object {
  return {
    '/v1/receipts/{receipt}': {
      get: {
        operationId: 'getReceipt',
        summary: 'The outcome of a vote, never its choice: a page for browsers, JSON for programs',
        parameters: [path('receipt')],
        responses: read({
          200: {
            description: 'The status',
            content: { ...json(ref('Receipt')), 'text/html': { schema: { type: 'string' } } },
          },
          404: problem('Unknown receipt'),
          503: problem('Redis or the log is unavailable'),
        }),
      },
    },
    '/v1/contests': {
      get: {
        operationId: 'listContests',
        summary: 'All contests',
        responses: read({
          200: answer('The contests, in order of their ids', {
            type: 'object',
            properties: { contests: { type: 'array', items: ref('Contest') } },
            required: ['contests'],
          }),
        }),
      },
    },
    '/v1/contests/{id}': {
      get: {
        operationId: 'getContest',
        summary: 'One contest',
        parameters: contest,
        responses: read({ 200: answer('The contest', ref('Contest')), 404: problem('Unknown contest') }),
      },
    },
    '/v1/contests/{id}/results': {
      get: {
        operationId: 'getResults',
        summary: 'The results of a contest',
        parameters: contest,
        responses: read({
          200: answer('The current counts', ref('Results')),
          403: problem('Hidden until the contest closes'),
          404: problem('Unknown contest'),
          503: problem('Redis is unavailable'),
        }),
      },
    },
    '/v1/contests/{id}/live': {
      get: {
        operationId: 'getLiveCounts',
        summary: 'The counts for a vote page: as server-sent events if the client accepts them, otherwise once',
        parameters: contest,
        responses: read({
          200: {
            description: 'The counts in the order of the options; sent again after each change and every 30 s',
            content: { ...json(ref('LiveCounts')), 'text/event-stream': { schema: { type: 'string' } } },
          },
          404: problem('Unknown contest'),
          503: problem('This edge has too many open streams'),
        }),
      },
    },
    '/visits': {
      get: {
        operationId: 'visit',
        summary: 'Counts this visit',
        responses: read({
          200: text('The number of visits, including this one'),
          202: text('Stored, but not counted yet'),
          403: problem('Another origin'),
          404: problem('This deployment has no contest for visits'),
          409: problem('The contest is not open'),
          503: problem('Unavailable'),
        }),
      },
    },
  };
}

function operations(): object {
  const state = { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] };
  return {
    '/healthz': {
      get: { operationId: 'isAlive', summary: 'Liveness', responses: { 200: answer('The edge is running', state) } },
    },
    '/readyz': {
      get: {
        operationId: 'isReady',
        summary: 'Readiness to accept votes',
        responses: { 200: answer('Ready', state), 503: answer('Not ready', state) },
      },
    },
    '/metrics': {
      get: {
        operationId: 'getMetrics',
        summary: 'Prometheus metrics',
        security: [{}, { metricsToken: [] }],
        responses: { 200: text('Metrics in the text format'), 401: problem('METRICS_TOKEN is needed') },
      },
    },
  };
}

function castVotes(): object {
  const parameter = (name: string, value: string, description: string) => ({
    ...{ name, in: 'query', description },
    schema: { type: 'string', const: value },
  });
  return {
    operationId: 'castVotes',
    summary: 'Cast one vote or a batch',
    security: [{}, { producerKey: [] }],
    parameters: [
      parameter('wait', 'counted', 'Answer after the count; for a single vote'),
      parameter('outcomes', 'each', 'Answer with the outcome and receipt of each vote; for a batch'),
    ],
    requestBody: {
      required: true,
      content: {
        ...json(ref('Vote')),
        'application/x-ndjson': {
          schema: { type: 'string', description: `One Vote per line, at most ${MAX_BATCH_VOTES}` },
        },
        'application/protobuf': {
          schema: { type: 'string', format: 'binary', description: 'A votewire.v1.CastVotesRequest' },
        },
      },
    },
    responses: {
      200: answer('Counted, or another final status (with wait)', ref('Receipt')),
      202: answer('Stored', { anyOf: [ref('Receipt'), ref('Batch'), ref('Outcomes')] }),
      400: problem('Malformed body'),
      401: problem('A producer key is required or wrong'),
      403: problem('Another origin, or the producer key is not valid for the contest'),
      404: problem('Unknown contest'),
      409: problem('The contest is not open'),
      413: problem('Too large'),
      415: problem('Unsupported content type'),
      422: problem('Invalid vote'),
      429: problem("The caller's quota is used up"),
      503: problem(
        'Unavailable; the detail says whether the outcome is unknown. A retry with the same sequence or vote_id is harmless',
      ),
    },
  };
}
