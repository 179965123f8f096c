import { openApiSchemas } from './openapi-schemas.ts';

type Json = Record<string, unknown>;

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json, description: string): Json => ({
  description,
  content: { 'application/json': { schema } },
});
const problem = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});
const events = (description: string): Json => ({
  description,
  content: { 'text/event-stream': { schema: { type: 'string' } } },
});

const id = { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' };
const contestId = { name: 'id', in: 'path', required: true, schema: id, description: 'A contest.' };
const query = (name: string, schema: Json, description: string): Json => ({ name, in: 'query', schema, description });
const time = { type: 'string', format: 'date-time' };
const filters = [
  query('contest', id, 'Votes of this contest.'),
  query('choice', id, 'Votes for this option. Refused while the results of the contest are hidden.'),
  query('voter', { type: 'string', minLength: 1, maxLength: 128 }, "A voter's id, or the key that the log shows."),
  query('path', { type: 'string', enum: ['http', 'grpc', 'connect'] }, 'How the vote came in.'),
  query('since', time, 'Received then or later.'),
  query('until', time, 'Received before then.'),
];
const letterParameters = [
  { name: 'partition', in: 'path', required: true, schema: { type: 'integer', minimum: 0, maximum: 1023 } },
  { name: 'group', in: 'path', required: true, schema: { type: 'string', enum: ['tally', 'log'] } },
  { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^\\d+-\\d+$' } },
];
const lastEventId = {
  name: 'Last-Event-ID',
  in: 'header',
  schema: { type: 'string' },
  description: 'The id of the last event that was seen: only what came after it is sent.',
};

const notFound = { 404: problem('No such contest.') };
const noVotes = { 404: problem('There is no such contest, and no vote of it in the log.') };
const badQuery = { 422: problem('A parameter is unknown, repeated or not allowed.') };
const away = { 503: problem('A store is away, or too many streams are open.') };
const admin = {
  security: [{ adminToken: [] }],
  refused: {
    401: problem('No token, or a wrong one.'),
    403: problem('A cookie does not allow this, or changes are off.'),
    429: problem('Too many wrong tokens.'),
  },
};
const hidden = { 403: problem('The results are hidden until the contest closes.') };

/** The API in OpenAPI 3.1, as `/openapi.json` serves it. */
export const openApiDocument: Json = {
  openapi: '3.1.0',
  info: {
    title: 'Votewire dashboard',
    version: '1.0.0',
    description: 'Results, the vote log and the state of the system. Votes are cast at the edge, not here.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  paths: {
    '/api/contests': {
      get: {
        operationId: 'listContests',
        summary: 'All contests.',
        responses: { 200: json(ref('ContestList'), 'The contests, in order of their ids.') },
      },
      post: {
        operationId: 'createContest',
        summary: 'Makes a contest.',
        security: admin.security,
        requestBody: { required: true, content: { 'application/json': { schema: ref('NewContest') } } },
        responses: {
          201: json(ref('Contest'), 'Made.'),
          ...admin.refused,
          409: problem('The id is taken.'),
          422: problem('A field is not allowed.'),
          ...away,
        },
      },
    },
    '/api/contests/{id}': {
      parameters: [contestId],
      get: {
        operationId: 'getContest',
        summary: 'One contest.',
        responses: { 200: json(ref('Contest'), 'The contest.'), ...notFound },
      },
      patch: {
        operationId: 'changeContest',
        summary: 'Closes, opens again, hides, shows or edits a contest.',
        description:
          'A close takes effect in half a second, when every partition knows of it, and is answered then: votes that come until "closesAt" count.',
        security: admin.security,
        requestBody: { required: true, content: { 'application/json': { schema: ref('ContestChange') } } },
        responses: {
          200: json(ref('Contest'), 'Changed.'),
          ...admin.refused,
          ...notFound,
          422: problem('A field is not allowed.'),
          ...away,
        },
      },
    },
    '/api/contests/{id}/results': {
      parameters: [contestId],
      get: {
        operationId: 'getResults',
        summary: 'What the votes add up to.',
        responses: { 200: json(ref('Results'), 'The counts.'), ...hidden, ...notFound, ...away },
      },
    },
    '/api/contests/{id}/history': {
      parameters: [contestId],
      get: {
        operationId: 'getHistory',
        summary: 'Votes counted at each of the last seconds.',
        responses: { 200: json(ref('History'), 'The last ten minutes.'), ...hidden, ...notFound },
      },
    },
    '/api/contests/{id}/events': {
      parameters: [contestId, lastEventId],
      get: {
        operationId: 'watchResults',
        summary: 'Events "results", "hidden", "stale" and "beat" of one contest.',
        responses: { 200: events('The stream.'), ...notFound, ...away },
      },
    },
    '/api/events': {
      parameters: [lastEventId],
      get: {
        operationId: 'watchAllResults',
        summary: 'The same of all contests, and "contests" when the list changes.',
        responses: { 200: events('The stream.'), ...away },
      },
    },
    '/api/logs': {
      get: {
        operationId: 'listVotes',
        summary: 'A page of the vote log, newest first.',
        parameters: [
          ...filters,
          query('limit', { type: 'integer', minimum: 1, maximum: 1000, default: 20 }, 'Rows in a page.'),
          query('cursor', { type: 'string' }, 'The "next" of the page before.'),
        ],
        responses: { 200: json(ref('LogPage'), 'The page.'), ...hidden, ...noVotes, ...badQuery, ...away },
      },
    },
    '/api/logs/export': {
      get: {
        operationId: 'exportVotes',
        summary: 'All votes that match, oldest first, streamed.',
        parameters: [
          ...filters,
          { ...query('format', { type: 'string', enum: ['ndjson', 'csv'] }, 'How they are written.'), required: true },
        ],
        responses: {
          200: {
            description: 'The votes.',
            content: {
              'application/x-ndjson': { schema: { type: 'string' } },
              'text/csv': { schema: { type: 'string' } },
            },
          },
          ...hidden,
          ...noVotes,
          ...badQuery,
          ...away,
        },
      },
    },
    '/api/logs/events': {
      get: {
        operationId: 'watchVotes',
        summary: 'Events "votes", "gap", "stale" and "beat".',
        parameters: [...filters, lastEventId],
        responses: { 200: events('The stream.'), ...hidden, ...noVotes, ...badQuery, ...away },
      },
    },
    '/api/system': {
      get: {
        operationId: 'getSystem',
        summary: 'Streams, groups, consumers, dead letters and the ledger.',
        responses: { 200: json(ref('System'), 'As it stands.'), ...away },
      },
    },
    '/api/dead-letters': {
      get: {
        operationId: 'listDeadLetters',
        summary: 'Entries that could not be counted or logged.',
        responses: { 200: json(ref('DeadLetterList'), 'The newest of each partition.'), ...away },
      },
    },
    '/api/dead-letters/{partition}/{group}/{id}': {
      parameters: letterParameters,
      get: {
        operationId: 'showDeadLetter',
        summary: 'One of them, with what it holds.',
        security: admin.security,
        responses: {
          200: json(ref('DeadLetterDetail'), 'The entry.'),
          ...admin.refused,
          404: problem('No such entry.'),
          ...away,
        },
      },
    },
    '/api/dead-letters/{partition}/{group}/{id}/replay': {
      parameters: letterParameters,
      post: {
        operationId: 'replayDeadLetter',
        summary: 'Hands it to the consumers once more.',
        security: admin.security,
        parameters: [query('dryRun', { type: 'string', enum: ['true', 'false'] }, 'Only say what would happen.')],
        responses: {
          200: json(ref('ReplayOutcome'), 'What happened.'),
          ...admin.refused,
          404: problem('No such entry.'),
          ...badQuery,
          ...away,
        },
      },
    },
    '/api/bench': {
      get: {
        operationId: 'listBenchReports',
        summary: 'Reports of the bench, and the run under way.',
        responses: { 200: json(ref('Bench'), 'The reports, newest first.') },
      },
      post: {
        operationId: 'startBench',
        summary: 'Starts a quick bench. From this machine itself no token is needed.',
        security: admin.security,
        responses: {
          202: json(ref('BenchRun'), 'Started.'),
          ...admin.refused,
          404: problem('The bench is not installed.'),
          409: problem('One runs already.'),
        },
      },
    },
    '/api/admin': {
      get: {
        operationId: 'checkAdminToken',
        summary: 'Whether the admin token is the right one.',
        security: admin.security,
        responses: { 204: { description: 'It is.' }, ...admin.refused },
      },
    },
    '/api/settings': {
      get: {
        operationId: 'getSettings',
        summary: 'What the pages need to know of this deployment.',
        responses: { 200: json(ref('Settings'), 'The settings.') },
      },
    },
    '/healthz': {
      get: {
        operationId: 'isAlive',
        summary: 'Whether the process lives.',
        responses: { 200: { description: 'It does.' } },
      },
    },
    '/readyz': {
      get: {
        operationId: 'isReady',
        summary: 'Whether it can serve.',
        responses: { 200: { description: 'It can.' }, 503: { description: 'Not now.' } },
      },
    },
    '/metrics': {
      get: {
        operationId: 'getMetrics',
        summary: 'Prometheus metrics.',
        responses: { 200: { description: 'Text format.' } },
      },
    },
  },
  components: {
    securitySchemes: { adminToken: { type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN of the deployment.' } },
    schemas: openApiSchemas,
  },
};
