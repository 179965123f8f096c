import { setTimeout as delay } from 'node:timers/promises';
import { Hono } from 'hono';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { type Contest, contestStatus } from '../../../store/contests/contest.ts';
import { CLOSE_DELAY_MS, type ContestOutcome, type ContestStore } from '../../../store/contests/contests.ts';
import { type DashboardContext, type DashboardEnv, peerOf } from '../dashboard-env.ts';
import type { AdminGuard } from '../http/admin-guard.ts';
import { readJsonBody } from '../http/json-body.ts';
import { quote, type Refusal, respondWith } from '../http/problem.ts';
import { contestView } from './contest-view.ts';

/** `/api/contests`: everybody lists contests; who has the admin token makes and changes them. */
export function contestsApi(contests: ContestStore, guard: AdminGuard): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get('/', (c) => {
    const now = Date.now();
    return c.json({ contests: contests.list().map((contest) => contestView(contest, now)) });
  });

  app.get('/:id', (c) => {
    const contest = contests.get(c.req.param('id'));
    return contest === undefined
      ? respondWith(unknownContest(c.req.param('id')))
      : c.json(contestView(contest, Date.now()));
  });

  app.post('/', async (c) => {
    const refusal = askGuard(c, guard);
    if (refusal !== undefined) return respondWith(refusal);
    const body = await readJsonBody(c);
    if (!body.ok) return respondWith(body.refusal);
    return answer(c, await contests.create(body.value), 201);
  });

  app.patch('/:id', async (c) => {
    const refusal = askGuard(c, guard);
    if (refusal !== undefined) return respondWith(refusal);
    const body = await readJsonBody(c);
    if (!body.ok) return respondWith(body.refusal);
    const id = c.req.param('id');
    const contest = contests.get(id);
    if (contest === undefined) return respondWith(unknownContest(id));
    const change = readChange(body.value, contest);
    if (!change.ok) return respondWith(change.refusal);
    const outcome = change.close ? await contests.close(id) : await contests.update(id, change.fields);
    if (change.close && outcome.ok) await untilClosed(outcome.contest);
    return answer(c, outcome, 200);
  });

  return app;
}

/** Asks the guard about this request; undefined where it may change something. */
export function askGuard(c: DashboardContext, guard: AdminGuard): Refusal | undefined {
  return guard({
    peer: peerOf(c),
    authorization: c.req.header('authorization'),
    cookie: c.req.header('cookie'),
  });
}

export function unknownContest(id: string): Refusal {
  return { code: ErrorCode.UNKNOWN_CONTEST, detail: `There is no contest ${quote(id)}.` };
}

type Change =
  | { readonly ok: true; readonly close: boolean; readonly fields: Record<string, unknown> }
  | { readonly ok: false; readonly refusal: Refusal };

/** `{"status":"closed"}` closes now, `{"status":"open"}` opens (again) until somebody closes; other fields replace. */
function readChange(value: unknown, contest: Contest): Change {
  const refuse = (field: string, message: string): Change => ({
    ok: false,
    refusal: { code: ErrorCode.INVALID_ARGUMENT, detail: message, errors: [{ field, message }] },
  });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('', 'A change is a JSON object with the fields to replace.');
  }
  const { status, ...fields } = value as Record<string, unknown>;
  if (Object.keys(value).length === 0) return refuse('', 'A change names at least one field.');
  if (status === undefined) return { ok: true, close: false, fields };
  if (status === 'closed') {
    if (Object.keys(fields).length > 0) return refuse('status', 'Close a contest in a request of its own.');
    return { ok: true, close: true, fields };
  }
  if (status !== 'open') {
    return refuse('status', `The status to set is "open" or "closed", not ${quote(status)}.`);
  }
  if ('opensAt' in fields || 'closesAt' in fields) return refuse('status', 'Set the status or the times, not both.');
  // An opening time in the past stays: votes that were taken in since then may not be counted yet, and would be late.
  const opensAt = contestStatus(contest, Date.now()) === 'scheduled' ? null : contest.opensAt;
  return { ok: true, close: false, fields: { ...fields, opensAt, closesAt: null } };
}

/** A close takes effect a moment after it is written; until then the contest is open, and the answer would say so. */
async function untilClosed({ closesAt }: Contest): Promise<void> {
  const left = Date.parse(closesAt ?? '') - Date.now();
  // Longer only where this clock and that of Redis differ: then the answer says what it knows.
  if (left >= 0) await delay(Math.min(left, CLOSE_DELAY_MS) + 5);
}

function answer(c: DashboardContext, outcome: ContestOutcome, status: 200 | 201): Response {
  if (outcome.ok) {
    if (status === 201) c.header('location', `/api/contests/${outcome.contest.id}`);
    return c.json(contestView(outcome.contest, Date.now()), status);
  }
  if (outcome.reason === 'invalid') {
    const { errors } = outcome;
    const detail = errors[0]?.message ?? 'The contest is not valid.';
    return respondWith({ code: ErrorCode.INVALID_ARGUMENT, detail, errors });
  }
  if (outcome.reason === 'unknown') return respondWith(unknownContest(c.req.param('id') ?? ''));
  const detail = `There is a contest ${JSON.stringify(outcome.id)} already: PATCH it instead, or choose another id.`;
  return respondWith({ code: ErrorCode.CONFLICT, detail });
}
