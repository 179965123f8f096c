import { setTimeout as delay } from 'node:timers/promises';
import { Hono } from 'hono';
import { resolver } from 'hono-openapi';
import * as v from 'valibot';
import { unknownContest } from '../../../http/common-problems.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { Contest } from '../../../store/contests/contest.ts';
import { CLOSE_DELAY_MS, type ContestOutcome, type ContestStore } from '../../../store/contests/contests.ts';
import { contestChangeSchema, contestListSchema, contestViewSchema, newContestSchema } from '../../api/contests.ts';
import { requireAdmin } from '../access/require-admin.ts';
import type { TokenVerifier } from '../access/token-verifier.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { readJsonBody } from '../http/json-body.ts';
import { validateQuery } from '../http/validate-query.ts';
import {
  adminOnly,
  adminProblems,
  describe,
  invalidQueryProblem,
  json,
  problem,
  unavailableProblem,
  unknownContestProblem,
} from '../openapi/describe.ts';
import { readContestChange } from './contest-change.ts';
import { contestSummary, contestView } from './contest-view.ts';

const listContests = describe({
  operationId: 'listContests',
  summary: 'All contests.',
  responses: { 200: json(contestListSchema, 'The contests, in order of their ids.'), ...invalidQueryProblem },
});

/** `view=summary` leaves the options out. */
const listQuery = v.strictObject(
  { view: v.optional(v.literal('summary', 'must be summary, once, or left out')) },
  'is not a parameter; use view',
);

const getContest = describe({
  operationId: 'getContest',
  summary: 'One contest.',
  responses: { 200: json(contestViewSchema, 'The contest.'), ...unknownContestProblem },
});

const createContest = describe({
  operationId: 'createContest',
  summary: 'Creates a contest.',
  ...adminOnly,
  requestBody: { required: true, content: { 'application/json': { schema: resolver(newContestSchema) } } },
  responses: {
    201: json(contestViewSchema, 'Created.'),
    ...adminProblems,
    409: problem('The id is already in use.'),
    422: problem('A field is invalid.'),
    ...unavailableProblem,
  },
});

const changeContest = describe({
  operationId: 'changeContest',
  summary: 'Closes, reopens, hides, shows or edits a contest.',
  description:
    'A close takes effect after half a second, when every partition knows of it, and is answered then: votes that arrive until "closesAt" count.',
  ...adminOnly,
  requestBody: { required: true, content: { 'application/json': { schema: resolver(contestChangeSchema) } } },
  responses: {
    200: json(contestViewSchema, 'Changed.'),
    ...adminProblems,
    ...unknownContestProblem,
    422: problem('A field is invalid.'),
    ...unavailableProblem,
  },
});

/** `/api/contests`: anyone lists contests; requests with the admin token create and change them. */
export function contestsApi(contests: ContestStore, verify: TokenVerifier): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  const admin = requireAdmin(verify);

  app.get('/', listContests, validateQuery(listQuery), (c) => {
    const now = Date.now();
    if (c.req.valid('query').view === 'summary') {
      return c.json({ contests: contests.list().map((contest) => contestSummary(contest, now)) });
    }
    return c.json({ contests: contests.list().map((contest) => contestView(contest, now)) });
  });

  app.get('/:id', getContest, (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    return c.json(contestView(contest, Date.now()));
  });

  app.post('/', createContest, admin, async (c) => {
    const body = await readJsonBody(c);
    if (!body.ok) return problemResponse(body.problem);
    return answer(c, await contests.create(body.value), 201);
  });

  app.patch('/:id', changeContest, admin, async (c) => {
    const body = await readJsonBody(c);
    if (!body.ok) return problemResponse(body.problem);
    const id = c.req.param('id');
    const contest = contests.get(id);
    if (contest === undefined) return problemResponse(unknownContest(id));
    const change = readContestChange(body.value, contest);
    if (!change.ok) return problemResponse(change.problem);
    const outcome = change.close ? await contests.close(id) : await contests.update(id, change.fields);
    if (change.close && outcome.ok) await waitForClose(outcome.contest);
    return answer(c, outcome, 200);
  });

  return app;
}

/** A close takes effect a moment after it is written; until then the contest is open, and the answer would say so. */
async function waitForClose({ closesAt }: Contest): Promise<void> {
  const left = Date.parse(closesAt ?? '') - Date.now();
  // Longer only if this clock and the one of Redis differ; then the answer reports what this process knows.
  if (left >= 0) await delay(Math.min(left, CLOSE_DELAY_MS) + 5);
}

function answer(c: DashboardContext, outcome: ContestOutcome, status: 200 | 201): Response {
  if (outcome.ok) {
    if (status === 201) c.header('location', `/api/contests/${outcome.contest.id}`);
    return c.json(contestView(outcome.contest, Date.now()), status);
  }
  if (outcome.reason === 'invalid') {
    const { errors } = outcome;
    const detail = errors[0]?.message ?? 'The contest is invalid';
    return problemResponse({ code: ErrorCode.INVALID_ARGUMENT, detail, errors });
  }
  if (outcome.reason === 'unknown') return problemResponse(unknownContest(c.req.param('id') ?? ''));
  const detail = `The contest id ${JSON.stringify(outcome.id)} is already in use; choose another, or PATCH that contest`;
  return problemResponse({ code: ErrorCode.CONFLICT, detail });
}
