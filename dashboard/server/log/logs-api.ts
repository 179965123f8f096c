import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { isProblem, type Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { trustsProxy } from '../../../http/request/client-address.ts';
import { requestId } from '../../../http/request/request-id.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { LogQuery, LogStore } from '../../../store/log/log-store.ts';
import { BadCursorError } from '../../../store/log/reads/log-cursor.ts';
import { LogDeadlineError, type ReadBounds } from '../../../store/log/reads/read-deadline.ts';
import { type LogPageView, logCountsSchema, logPageSchema, type VoteStory, voteStorySchema } from '../../api/log.ts';
import { SESSION_COOKIE } from '../access/log-session.ts';
import { verifyToken } from '../access/require-admin.ts';
import { type ReaderAccess, requireReader, SESSION_ENDED } from '../access/require-reader.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { dashboardLog } from '../dashboard-log.ts';
import { validateQuery } from '../http/validate-query.ts';
import { type TakeSeat, tooManyViewers } from '../http/viewer-seats.ts';
import {
  describe,
  events,
  invalidQueryProblem,
  json,
  lastEventId,
  problem,
  readerOnly,
  readerProblems,
  unavailableProblem,
} from '../openapi/describe.ts';
import { SseViewer } from '../results/sse-viewer.ts';
import { countVotes } from './log-counts.ts';
import { exportVotes } from './log-export.ts';
import { type LogFilters, logExportQuery, logPageQuery, logTailQuery } from './log-query.ts';
import { gapFrame, type LogTail } from './log-tail.ts';
import { type Contests, logItem, rejectHiddenChoice } from './log-view.ts';
import { readBoundsOf } from './read-bounds-of.ts';
import { parseVoteId, type ReadOutcome } from './vote-story.ts';
import { resolveVoter, type StoreFilters } from './voter-filter.ts';

export interface LogsApiOptions {
  readonly log: LogStore;
  readonly tail: LogTail;
  readonly contests: Contests;
  /** Computes the key that the log stores for a voter. */
  readonly voterKey: (voter: string) => Uint8Array;
  readonly takeSeat: TakeSeat;
  readonly readOutcome: ReadOutcome;
  readonly access: ReaderAccess;
}

const problems = {
  ...readerProblems,
  403: problem('The results are hidden until the contest closes, or the log can be read on its own machine only.'),
  ...invalidQueryProblem,
  ...unavailableProblem,
  504: problem('The search takes too long; narrow it.'),
};

const listVotes = describe({
  operationId: 'listVotes',
  summary: 'A page of the vote log, newest first.',
  ...readerOnly,
  responses: { 200: json(logPageSchema, 'The page.'), ...problems },
});

const exportLog = describe({
  operationId: 'exportVotes',
  summary: 'All matching votes, oldest first, streamed.',
  ...readerOnly,
  description: 'A transfer that breaks off is incomplete; request it again.',
  responses: {
    200: {
      description: 'The votes.',
      content: { 'application/x-ndjson': { schema: { type: 'string' } }, 'text/csv': { schema: { type: 'string' } } },
    },
    ...problems,
  },
});

const watchVotes = describe({
  operationId: 'watchVotes',
  summary: 'Events "votes", "gap", "stale" and "beat".',
  ...readerOnly,
  parameters: [lastEventId],
  responses: { 200: events('The stream.'), ...problems },
});

const countLog = describe({
  operationId: 'countVotes',
  summary: 'The number of matching votes, and when they were received.',
  responses: {
    200: json(logCountsSchema, 'At most the newest 50,000 votes, in buckets of equal length.'),
    ...problems,
  },
});

const showVote = describe({
  operationId: 'showVote',
  summary: 'One vote of the log, and its outcome in the tally.',
  ...readerOnly,
  responses: {
    200: json(voteStorySchema, 'The vote.'),
    ...readerProblems,
    403: problem('The log can be read on its own machine only.'),
    404: problem('The log has no such vote.'),
    ...unavailableProblem,
    504: problem('The log took too long.'),
  },
});

const openSession = describe({
  operationId: 'openLogSession',
  summary: 'Sets a cookie that lets a browser read the log for twelve hours.',
  ...readerOnly,
  responses: {
    204: { description: 'The cookie is set.' },
    ...readerProblems,
    403: problem('The deployment has no token that may read the log.'),
  },
});

/**
 * `/api/logs`: pages of votes; `/export`: all of them; `/events`: new ones as they are logged; `/session`: a cookie for
 * the pages.
 */
export function logsApi({
  log,
  tail,
  contests,
  voterKey,
  takeSeat,
  access,
  readOutcome,
}: LogsApiOptions): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  const reader = requireReader(access);
  let exporting = 0;

  app.post('/session', openSession, (c) => {
    const caller = verifyToken(c, access.verify, 'reader');
    if (isProblem(caller)) return problemResponse(caller);
    const secure = trustsProxy(access.trustProxy) && c.req.header('x-forwarded-proto') === 'https';
    setCookie(c, SESSION_COOKIE, access.sessions.open(caller), {
      path: '/api/logs',
      httpOnly: true,
      sameSite: 'Strict',
      secure,
    });
    return c.body(null, 204, { 'cache-control': 'no-store' });
  });

  app.get('/', listVotes, reader, validateQuery(logPageQuery), async (c) => {
    const { limit, cursor, ...filters } = c.req.valid('query');
    const bounds = readBoundsOf(c);
    const asked = await resolve(c, filters, bounds);
    if (!asked.ok) return problemResponse(asked.problem);
    const page = await log.page({ ...asked.filters, limit, ...(cursor !== undefined && { cursor }) }, bounds);
    const view: LogPageView = { items: page.items.map((vote) => logItem(vote, contests)), next: page.next };
    c.header('cache-control', 'no-store');
    return c.json(view);
  });

  app.get('/export', exportLog, reader, validateQuery(logExportQuery), async (c) => {
    const { format, ...filters } = c.req.valid('query');
    const bounds = readBoundsOf(c);
    const asked = await resolve(c, filters, bounds);
    if (!asked.ok) return problemResponse(asked.problem);
    if (exporting >= MAX_EXPORTS) return problemResponse(TOO_MANY_EXPORTS);
    exporting++;
    c.env.outgoing.once('close', () => exporting--);
    const body = await exportVotes(log.scan(asked.filters, bounds), format, {
      item: (vote) => logItem(vote, contests),
      cut: () => c.env.outgoing.destroy(),
    });
    const time = new Date().toISOString().slice(0, 19).replaceAll(':', '');
    return c.body(body, 200, {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson',
      'content-disposition': `attachment; filename="votes-${time}.${format}"`,
      'cache-control': 'no-store',
    });
  });

  app.get('/counts', countLog, reader, validateQuery(logTailQuery), async (c) => {
    const bounds = readBoundsOf(c);
    const asked = await resolve(c, c.req.valid('query'), bounds);
    if (!asked.ok) return problemResponse(asked.problem);
    c.header('cache-control', 'no-store');
    return c.json(await countVotes({ log, filters: asked.filters, signal: bounds.signal }));
  });

  app.get('/votes/:id', showVote, reader, async (c) => {
    const place = parseVoteId(c.req.param('id'));
    const vote = place && (await log.vote(place, place.index, readBoundsOf(c)));
    if (place === undefined || vote === undefined) return problemResponse(UNKNOWN_VOTE);
    const { partition, entryId, index } = place;
    const story: VoteStory = {
      vote: logItem(vote, contests),
      ...{ partition, entryId, index },
      storedAt: new Date(Number.parseInt(entryId, 10)).toISOString(),
      outcome: await readOutcome(vote),
    };
    c.header('cache-control', 'no-store');
    return c.json(story);
  });

  app.get('/events', watchVotes, reader, validateQuery(logTailQuery), async (c) => {
    const asked = await resolve(c, c.req.valid('query'), readBoundsOf(c));
    if (!asked.ok) return problemResponse(asked.problem);
    const full = takeSeat(c) ?? (tail.hasRoom(asked.filters) ? undefined : tooManyViewers);
    if (full !== undefined) return problemResponse(full);
    if (c.req.method !== 'GET') return c.body(null, 200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const viewer = new SseViewer(c.env.incoming, c.env.outgoing, () => gapFrame('slow'));
    endWith(c.get('readableUntil'), viewer);
    await tail.watch(viewer, asked.filters, c.req.header('last-event-id'));
    return RESPONSE_ALREADY_SENT;
  });

  app.onError((error, c) => {
    if (error instanceof BadCursorError) {
      const errors = [{ field: 'cursor', message: error.message }];
      return problemResponse({ code: ErrorCode.INVALID_ARGUMENT, detail: error.message, errors });
    }
    if (error instanceof LogDeadlineError) {
      return problemResponse({ code: ErrorCode.DEADLINE_EXCEEDED, detail: error.message });
    }
    // The client has disconnected, which aborted the search; no one reads this answer.
    if (error.name === 'AbortError') return problemResponse(LOG_UNAVAILABLE);
    const id = requestId((name) => c.req.header(name));
    dashboardLog.warn({ requestId: id, fault: error }, 'The log store does not answer');
    return problemResponse({ ...LOG_UNAVAILABLE, requestId: id });
  });

  type Resolved =
    | { readonly ok: true; readonly filters: StoreFilters }
    | { readonly ok: false; readonly problem: Problem };

  async function resolve(c: DashboardContext, filters: LogFilters, bounds: ReadBounds): Promise<Resolved> {
    const rejection = rejectHiddenChoice(filters, contests) ?? (await rejectUnknown(filters, bounds));
    if (rejection !== undefined) return { ok: false, problem: rejection };
    const searchById = c.get('caller') === undefined ? undefined : voterKey;
    const resolved = await resolveVoter(log, filters, searchById, bounds);
    if (resolved !== undefined) return { ok: true, filters: resolved };
    return { ok: false, problem: c.get('sessionEnded') ? SESSION_ENDED : VOTER_NEEDS_TOKEN };
  }

  /**
   * A mistyped contest or choice would look like one without votes. Votes stay in the log after their contest or option
   * is deleted, so the log is searched too.
   */
  async function rejectUnknown({ contest, choice }: LogFilters, bounds: ReadBounds): Promise<Problem | undefined> {
    const isLogged = async (query: Pick<LogQuery, 'contest' | 'choice'>) =>
      (await log.page({ ...query, limit: 1 }, bounds)).items.length > 0;
    if (contest !== undefined && contests.get(contest) === undefined && !(await isLogged({ contest }))) {
      return unknownValue('contest', `is unknown, and the log has no vote for it; got ${quoteForMessage(contest)}`);
    }
    if (choice === undefined) return undefined;
    const known = contest === undefined ? contests.list() : [contests.get(contest)];
    if (known.some((each) => each?.options.some(({ id }) => id === choice))) return undefined;
    if (await isLogged({ choice, ...(contest !== undefined && { contest }) })) return undefined;
    const place = contest === undefined ? 'of any contest' : `of ${contest}`;
    return unknownValue(
      'choice',
      `is not an option ${place}, and the log has no vote for it; got ${quoteForMessage(choice)}`,
    );
  }

  return app;
}

/** Ends a stream when the session that opened it expires. The page then reconnects and gets the reason. */
function endWith(readableUntil: number | undefined, viewer: SseViewer): void {
  if (readableUntil === undefined) return;
  const timer = setTimeout(() => viewer.end(), readableUntil - Date.now());
  viewer.onClose(() => clearTimeout(timer));
}

/** The same problem as for any other invalid value of a query. */
function unknownValue(field: string, message: string): Problem {
  const detail = `The query has an error: ${field} ${message}`;
  return { code: ErrorCode.INVALID_ARGUMENT, detail, errors: [{ field, message }] };
}

const UNKNOWN_VOTE: Problem = { code: ErrorCode.NOT_FOUND, detail: 'The log has no vote with this id' };
/** Concurrent exports; each reads the log as fast as its client takes it. */
const MAX_EXPORTS = 8;
const TOO_MANY_EXPORTS: Problem = {
  code: ErrorCode.OVERLOADED,
  detail: `${MAX_EXPORTS} exports are running; try again when one has ended`,
  retryAfter: 10,
};

const VOTER_NEEDS_TOKEN: Problem = {
  code: ErrorCode.UNAUTHENTICATED,
  detail:
    'A search by voter id needs READ_TOKEN or an admin token; without one, search by the 22 characters that the log shows',
};

const LOG_UNAVAILABLE: Problem = {
  code: ErrorCode.STORE_UNAVAILABLE,
  detail: 'The log store does not answer; votes are still counted, and the log catches up later',
  retryAfter: 5,
};
