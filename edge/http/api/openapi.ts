import {
  MAX_ATTRIBUTE_KEY_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_ATTRIBUTES,
  MAX_BATCH_VOTES,
  MAX_CHOICE_BYTES,
  MAX_CONTEST_BYTES,
  MAX_SEQUENCE,
  MAX_VOTE_ID_BYTES,
  MAX_VOTER_BYTES,
} from '../../../wasm/limits.ts';
import type { EdgeApp } from '../edge-env.ts';

/** `GET /openapi.json`: the description of the edge's HTTP API. */
export function mountOpenApi(app: EdgeApp): void {
  const document = JSON.stringify(openApi());
  app.get('/openapi.json', (c) => c.body(document, 200, { 'content-type': 'application/json' }));
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ 'application/json': { schema } });
const answer = (description: string, schema: object) => ({ description, content: json(schema) });
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});
const path = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
const text = (maxLength: number, minLength = 0) => ({ type: 'string', minLength, maxLength });
/** Ids of contests and options. Lengths are bytes, which these characters are. */
const id = (maxLength: number) => ({ ...text(maxLength, 1), pattern: '^[a-z0-9][a-z0-9._-]*$' });
const count = { type: 'integer', minimum: 0 };
/** Every read may also be malformed as HTTP, or beyond the quota of its address. */
const read = (responses: object) => ({
  ...responses,
  400: problem('Malformed request'),
  429: problem('The quota of reads is used up; see RateLimit'),
});

function openApi(): object {
  const contest = [path('id')];
  return {
    openapi: '3.1.0',
    info: { title: 'Votewire edge', version: '1', license: { name: 'MIT', identifier: 'MIT' } },
    paths: {
      '/v1/votes': { post: castVotes() },
      '/v1/receipts/{receipt}': {
        get: {
          summary: 'The status of a vote',
          parameters: [path('receipt')],
          responses: read({
            200: answer('The status', ref('Receipt')),
            404: problem('Unknown receipt'),
            503: problem('Redis or the log is unavailable'),
          }),
        },
      },
      '/v1/contests': {
        get: {
          summary: 'All contests',
          responses: read({
            200: answer('In order of their ids', {
              type: 'object',
              properties: { contests: { type: 'array', items: ref('Contest') } },
            }),
          }),
        },
      },
      '/v1/contests/{id}': {
        get: {
          summary: 'One contest',
          parameters: contest,
          responses: read({ 200: answer('The contest', ref('Contest')), 404: problem('Unknown contest') }),
        },
      },
      '/v1/contests/{id}/results': {
        get: {
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
          summary: 'The counts for a vote page: as server-sent events if the client accepts them, otherwise once',
          parameters: contest,
          responses: read({
            200: {
              description: 'The counts in the order of the options; again after each change and every 30 s',
              content: { ...json(ref('LiveCounts')), 'text/event-stream': { schema: { type: 'string' } } },
            },
            404: problem('Unknown contest'),
            503: problem('This edge has too many open streams'),
          }),
        },
      },
    },
    components: {
      schemas: schemas(),
      securitySchemes: { producerKey: { type: 'http', scheme: 'bearer', description: 'If PRODUCER_KEYS is set' } },
    },
  };
}

function castVotes(): object {
  const wait = { name: 'wait', in: 'query', schema: { const: 'counted' }, description: 'Answer after the count' };
  return {
    summary: 'Cast one vote or a batch',
    security: [{}, { producerKey: [] }],
    parameters: [wait],
    requestBody: {
      required: true,
      content: {
        ...json(ref('Vote')),
        'application/x-ndjson': {
          schema: { type: 'string', description: `One Vote per line, at most ${MAX_BATCH_VOTES}` },
        },
        'application/protobuf': { schema: { type: 'string', description: 'A votewire.v1.CastVotesRequest' } },
      },
    },
    responses: {
      200: answer('Counted, or another final status (with wait)', ref('Receipt')),
      202: answer('Stored', { oneOf: [ref('Receipt'), ref('Batch')] }),
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

function schemas(): object {
  const object = (properties: object, required: string[]) => ({ type: 'object', properties, required });
  const statuses = ['queued', 'counted', 'superseded', 'duplicate', 'late', 'dead'];
  const optionCount = object({ id: text(MAX_CHOICE_BYTES), label: { type: 'string' }, count }, [
    'id',
    'label',
    'count',
  ]);
  return {
    Vote: {
      ...object(
        {
          contest: id(MAX_CONTEST_BYTES),
          choice: id(MAX_CHOICE_BYTES),
          voter: text(MAX_VOTER_BYTES, 1),
          attributes: {
            type: 'object',
            maxProperties: MAX_ATTRIBUTES,
            propertyNames: id(MAX_ATTRIBUTE_KEY_BYTES),
            additionalProperties: text(MAX_ATTRIBUTE_VALUE_BYTES),
          },
          vote_id: { ...text(MAX_VOTE_ID_BYTES), pattern: '^[A-Za-z0-9._:-]*$' },
          sequence: { ...count, maximum: MAX_SEQUENCE },
        },
        ['contest', 'choice', 'voter'],
      ),
      additionalProperties: false,
    },
    Receipt: object({ receipt: { type: 'string' }, status: { enum: statuses }, results: ref('Results') }, [
      'receipt',
      'status',
    ]),
    Batch: object({ accepted: count, rejected: { type: 'array', items: ref('Rejected') }, omitted: count }, [
      'accepted',
      'rejected',
    ]),
    Rejected: object({ index: count, code: { type: 'string' }, message: { type: 'string' } }, ['index', 'code']),
    Contest: object({ id: { type: 'string' }, title: { type: 'string' }, status: { type: 'string' } }, ['id']),
    Results: object({ contest: { type: 'string' }, total: count, options: { type: 'array', items: optionCount } }, [
      'contest',
      'total',
      'options',
    ]),
    LiveCounts: object(
      {
        status: { type: 'string' },
        results: { enum: ['shown', 'hidden', 'away', 'gone'] },
        total: count,
        counts: { type: 'array', items: count },
      },
      ['results'],
    ),
    Problem: object({ type: { type: 'string' }, title: { type: 'string' }, status: count, code: { type: 'string' } }, [
      'type',
      'title',
      'status',
      'code',
    ]),
  };
}
