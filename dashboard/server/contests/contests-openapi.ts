import * as v from 'valibot';
import {
  contestChangeSchema,
  contestListSchema,
  contestSummaryListSchema,
  contestViewSchema,
  deletedContestSchema,
  newContestSchema,
  resetSchema,
} from '../../api/contests.ts';
import {
  adminOnly,
  adminProblems,
  bodyProblems,
  describe,
  invalidQueryProblem,
  json,
  problem,
  schemaOf,
  unavailableProblem,
  unknownContestProblem,
} from '../openapi/describe.ts';

const invalidField = { 422: problem('A field is invalid.') };
const body = (schema: v.GenericSchema) => ({
  required: true,
  content: { 'application/json': { schema: schemaOf(schema) } },
});

export const listContests = describe({
  operationId: 'listContests',
  summary: 'All contests.',
  responses: {
    200: json(v.union([contestListSchema, contestSummaryListSchema]), 'The contests, in order of their ids.'),
    ...invalidQueryProblem,
  },
});

export const getContest = describe({
  operationId: 'getContest',
  summary: 'One contest. Its entity tag identifies this version.',
  responses: { 200: json(contestViewSchema, 'The contest.'), ...unknownContestProblem },
});

export const createContest = describe({
  operationId: 'createContest',
  summary: 'Creates a contest.',
  ...adminOnly,
  requestBody: body(newContestSchema),
  responses: {
    201: json(contestViewSchema, 'Created.'),
    ...adminProblems,
    ...bodyProblems,
    409: problem('The id is already in use.'),
    ...invalidField,
    ...unavailableProblem,
  },
});

export const changeContest = describe({
  operationId: 'changeContest',
  summary: 'Closes, pauses, opens, hides, shows or edits a contest.',
  description:
    'A close or a pause takes effect after half a second, once every partition knows of it; the answer waits for that, and votes that arrive before count. With If-Match, the contest is changed only if it still has that version.',
  ...adminOnly,
  parameters: [
    {
      name: 'If-Match',
      in: 'header',
      schema: { type: 'string' },
      description: 'The entity tag of the version to change.',
    },
  ],
  requestBody: body(contestChangeSchema),
  responses: {
    200: json(contestViewSchema, 'Changed.'),
    ...adminProblems,
    ...bodyProblems,
    ...unknownContestProblem,
    409: problem('The contest was paused too often.'),
    412: problem('The contest changed meanwhile; `current` is the current version.'),
    ...invalidField,
    ...unavailableProblem,
  },
});

export const resetContest = describe({
  operationId: 'resetContest',
  summary: 'Removes the counts and voters of a contest.',
  description:
    'Votes count again after half a second. The log keeps the older votes, and a recount does not count them again.',
  ...adminOnly,
  requestBody: body(resetSchema),
  responses: {
    200: json(contestViewSchema, 'Reset.'),
    ...adminProblems,
    ...bodyProblems,
    ...unknownContestProblem,
    422: problem('`confirm` is not the id of the contest.'),
    ...unavailableProblem,
  },
});

export const deleteContest = describe({
  operationId: 'deleteContest',
  summary: 'Deletes a contest with its counts and voters, and with log=delete its votes in the log.',
  description:
    'With log=keep, the default, the votes stay in the log until they expire. With log=delete they are removed for good, within a minute if the log is available; no recount or restore counts them. Earlier backups still contain them.',
  ...adminOnly,
  responses: {
    200: json(deletedContestSchema, 'Deleted.'),
    ...adminProblems,
    ...unknownContestProblem,
    409: problem('The contest is open.'),
    422: problem('`confirm` is not the id of the contest.'),
    ...unavailableProblem,
  },
});
