import { setTimeout as delay } from 'node:timers/promises';
import { Hono } from 'hono';
import * as v from 'valibot';
import { unknownContest } from '../../../http/common-problems.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { contestChanges } from '../../../store/audit/contest-changes.ts';
import { type Contest, contestStatus } from '../../../store/contests/contest.ts';
import type { ContestOutcome, ContestStore } from '../../../store/contests/contest-store.ts';
import { CLOSE_DELAY_MS } from '../../../store/contests/fields/contest-times.ts';
import type { DeletedContestView } from '../../api/contests.ts';
import { requireAdmin } from '../access/require-admin.ts';
import type { TokenVerifier } from '../access/token-verifier.ts';
import type { Auditor } from '../audit/auditor.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { readJsonBody } from '../http/json-body.ts';
import { validateQuery } from '../http/validate-query.ts';
import { pastClosing, readContestChange } from './contest-change.ts';
import { contestSummary, contestView } from './contest-view.ts';
import {
  changeContest,
  createContest,
  deleteContest,
  getContest,
  listContests,
  resetContest,
} from './contests-openapi.ts';

/** `view=summary` leaves the options out. */
const listQuery = v.strictObject(
  { view: v.optional(v.literal('summary', 'must be summary, given at most once')) },
  'is not a parameter; use view',
);
const deleteQuery = v.strictObject(
  {
    confirm: v.string('must be the id of the contest, given once, to confirm the deletion'),
    log: v.optional(v.picklist(['keep', 'delete'], 'must be keep or delete, given once'), 'keep'),
  },
  'is not a parameter; use confirm, log',
);

interface ContestsApiParts {
  readonly contests: ContestStore;
  readonly verify: TokenVerifier;
  readonly audit: Auditor;
  /** Called when a contest was deleted with its log. */
  readonly onLogDeleted: () => void;
}

/** `/api/contests`: anyone may list contests; creating and changing them requires an admin token. */
export function contestsApi({ contests, verify, audit, onLogDeleted }: ContestsApiParts): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  const admin = requireAdmin(verify);

  app.get('/', listContests, validateQuery(listQuery), (c) => {
    const now = c.get('now')();
    if (c.req.valid('query').view === 'summary') {
      return c.json({ contests: contests.list().map((contest) => contestSummary(contest, now)) });
    }
    return c.json({
      contests: contests.list().map((contest) => contestView(contest, now, contests.codeOf(contest.id))),
    });
  });

  app.get('/:id', getContest, (c) => {
    const contest = contests.get(c.req.param('id'));
    if (contest === undefined) return problemResponse(unknownContest(c.req.param('id')));
    return show(c, contest, 200);
  });

  app.post('/', createContest, admin, async (c) => {
    const body = await readJsonBody(c);
    if (!body.ok) return problemResponse(body.problem);
    const past = pastClosing(body.value, c.get('now')());
    if (past !== undefined) return problemResponse(past);
    const outcome = await contests.create(body.value);
    if (!outcome.ok) return refuse(c, outcome);
    const { contest } = outcome;
    await audit(c, 'contest.create', contest.id, contestChanges(undefined, contest));
    c.header('location', `/api/contests/${contest.id}`);
    return show(c, contest, 201);
  });

  app.patch('/:id', changeContest, admin, async (c) => {
    const body = await readJsonBody(c);
    if (!body.ok) return problemResponse(body.problem);
    const id = c.req.param('id');
    const contest = contests.get(id);
    if (contest === undefined) return problemResponse(unknownContest(id));
    const change = readContestChange(body.value, contest, c.get('now')());
    if (!change.ok) return problemResponse(change.problem);
    const tag = readTag(c.req.header('if-match'));
    const outcome =
      change.action === 'edit' ? await contests.update(id, change.fields, tag) : await contests[change.action](id, tag);
    if (!outcome.ok) return refuse(c, outcome);
    const changes = contestChanges(outcome.before, outcome.contest);
    if (changes.length > 0) await audit(c, `contest.${change.action}`, id, changes);
    if (change.action === 'close') await waitUntil(c, outcome.contest.closesAt);
    if (change.action === 'pause') await waitUntil(c, outcome.contest.pauses?.at(-1)?.from);
    return show(c, outcome.contest, 200);
  });

  app.post('/:id/reset', resetContest, admin, async (c) => {
    const body = await readJsonBody(c);
    if (!body.ok) return problemResponse(body.problem);
    const id = c.req.param('id');
    if (contests.get(id) === undefined) return problemResponse(unknownContest(id));
    if ((body.value as { confirm?: unknown } | null)?.confirm !== id) return problemResponse(unconfirmed(id));
    const outcome = await contests.reset(id);
    if (!outcome.ok) return refuse(c, outcome);
    await audit(c, 'contest.reset', id, contestChanges(outcome.before, outcome.contest));
    await waitUntil(c, outcome.contest.countsFrom);
    return show(c, outcome.contest, 200);
  });

  app.delete('/:id', deleteContest, admin, validateQuery(deleteQuery), async (c) => {
    const id = c.req.param('id');
    const contest = contests.get(id);
    if (contest === undefined) return problemResponse(unknownContest(id));
    if (c.req.valid('query').confirm !== id) return problemResponse(unconfirmed(id));
    if (contestStatus(contest, c.get('now')()) === 'open') {
      const detail = `Contest ${id} is open; close or pause it before you delete it`;
      return problemResponse({ code: ErrorCode.CONFLICT, detail });
    }
    const log = c.req.valid('query').log === 'delete' ? 'deleted' : 'kept';
    const outcome = await contests.remove(id, log);
    if (!outcome.ok) return refuse(c, outcome);
    const changes = [...contestChanges(outcome.contest, undefined), { field: 'log', from: 'kept', to: log }];
    await audit(c, 'contest.delete', id, changes);
    if (log === 'deleted') onLogDeleted();
    return c.json({ deleted: id, log } satisfies DeletedContestView);
  });

  return app;
}

function show(c: DashboardContext, contest: Contest, status: 200 | 201): Response {
  const view = contestView(contest, c.get('now')());
  c.header('etag', `"${view.tag}"`);
  return c.json(view, status);
}

/** The tag in If-Match; undefined if any version may be changed. A weak tag or a list of tags matches no version. */
function readTag(header: string | undefined): string | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  return /^\s*"([^"]*)"\s*$/.exec(header)?.[1] ?? '';
}

/** A change takes effect a moment after it is written; until then the answer would have the old status. */
async function waitUntil(c: DashboardContext, time: string | null | undefined): Promise<void> {
  const left = Date.parse(time ?? '') - c.get('now')();
  if (left >= 0) await delay(Math.min(left, CLOSE_DELAY_MS) + 5);
}

function unconfirmed(id: string) {
  const message = `confirm must be the id of the contest, "${id}"`;
  return { code: ErrorCode.INVALID_ARGUMENT, detail: message, errors: [{ field: 'confirm', message }] };
}

function refuse(c: DashboardContext, outcome: ContestOutcome & { ok: false }): Response {
  switch (outcome.reason) {
    case 'invalid': {
      const { errors } = outcome;
      const detail = errors[0]?.message ?? 'The contest is invalid';
      return problemResponse({ code: ErrorCode.INVALID_ARGUMENT, detail, errors });
    }
    case 'unknown':
      return problemResponse(unknownContest(c.req.param('id') ?? ''));
    case 'changed': {
      const current = contestView(outcome.contest, c.get('now')());
      const detail = `Contest ${current.id} changed since you read it; nothing was saved. The current version is in "current"`;
      const headers = { etag: `"${current.tag}"` };
      return problemResponse({ code: ErrorCode.PRECONDITION_FAILED, detail, current, headers });
    }
    case 'limit':
      return problemResponse({ code: ErrorCode.CONFLICT, detail: outcome.detail });
    case 'exists': {
      const detail = `The contest id ${JSON.stringify(outcome.id)} is already in use; choose another, or PATCH that contest`;
      return problemResponse({ code: ErrorCode.CONFLICT, detail });
    }
  }
}
