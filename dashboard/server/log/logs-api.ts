import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { BadCursorError } from '../../../store/log/log-cursor.ts';
import type { LogPage, LogStore } from '../../../store/log/log-store.ts';
import type { LogPageView } from '../../api/log.ts';
import { unknownContest } from '../contests/contests-api.ts';
import type { DashboardContext, DashboardEnv } from '../dashboard-env.ts';
import { quote, type Refusal, respondWith } from '../http/problem.ts';
import { tooManyViewers } from '../results/results-api.ts';
import { SseViewer } from '../results/sse-viewer.ts';
import { type ExportFormat, exportVotes } from './log-export.ts';
import { type LogRequest, parseLogRequest } from './log-query.ts';
import { gapFrame, type LogTail, type TailFilter } from './log-tail.ts';
import { type Contests, logItem, refuseHiddenChoice } from './log-view.ts';

export interface LogsApiOptions {
  readonly log: LogStore;
  readonly tail: LogTail;
  readonly contests: Contests;
  /** The key under which the log knows a voter. */
  readonly voterKey: (voter: string) => Uint8Array;
  readonly hasRoom: () => boolean;
}

type Asked =
  | { readonly ok: true; readonly request: LogRequest; readonly format: ExportFormat }
  | { readonly ok: false; readonly refusal: Refusal };

/** `/api/logs`: pages of votes, `/export`: all of them, `/events`: those that come in. */
export function logsApi(options: LogsApiOptions): Hono<DashboardEnv> {
  const { log, tail, contests, voterKey, hasRoom } = options;
  const app = new Hono<DashboardEnv>();

  app.get('/', async (c) => {
    const asked = await ask(c, ['limit', 'cursor']);
    if (!asked.ok) return respondWith(asked.refusal);
    const page = await readPage(asked.request);
    const view: LogPageView = { items: page.items.map((vote) => logItem(vote, contests)), next: page.next };
    c.header('cache-control', 'no-store');
    return c.json(view);
  });

  app.get('/export', async (c) => {
    const asked = await ask(c, ['format']);
    if (!asked.ok) return respondWith(asked.refusal);
    const { format } = asked;
    const votes = log.scan(await filterOf(asked.request));
    const type = format === 'csv' ? 'text/csv; charset=utf-8; header=present' : 'application/x-ndjson';
    return new Response(
      exportVotes(votes, format, (vote) => logItem(vote, contests)),
      {
        headers: {
          'content-type': type,
          'content-disposition': `attachment; filename="votes-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.${format}"`,
          'cache-control': 'no-store',
        },
      },
    );
  });

  app.get('/events', async (c) => {
    const asked = await ask(c, []);
    if (!asked.ok) return respondWith(asked.refusal);
    const filter = await filterOf(asked.request);
    if (!hasRoom() || !tail.hasRoom(filter)) return respondWith(tooManyViewers);
    if (c.req.method !== 'GET') return c.body(null, 200, { 'content-type': 'text/event-stream; charset=utf-8' });
    const viewer = new SseViewer(c.env.outgoing, () => gapFrame('slow'));
    await tail.watch(viewer, filter, c.req.header('last-event-id'));
    return RESPONSE_ALREADY_SENT;
  });

  app.onError((error) => {
    if (error instanceof BadCursorError) {
      const errors = [{ field: 'cursor', message: error.message }];
      return respondWith({ code: ErrorCode.INVALID_ARGUMENT, detail: error.message, errors });
    }
    console.error(`dashboard: the log does not answer: ${error.message}`);
    const detail = 'The log store does not answer. Votes are counted meanwhile, and the log catches up.';
    return respondWith({ code: ErrorCode.STORE_UNAVAILABLE, detail, retryAfter: 5 });
  });

  async function ask(c: DashboardContext, further: readonly string[]): Promise<Asked> {
    const params = new URL(c.req.url).searchParams;
    const parsed = parseLogRequest(params, further);
    if (!parsed.ok) return parsed;
    const { request } = parsed;
    const format = further.includes('format') ? params.get('format') : 'ndjson';
    if (format !== 'ndjson' && format !== 'csv') {
      const message = `Must be ndjson or csv${format === null ? '' : `; it is ${quote(format)}`}.`;
      const errors = [{ field: 'format', message }];
      return { ok: false, refusal: { code: ErrorCode.INVALID_ARGUMENT, detail: `format: ${message}`, errors } };
    }
    const refusal = refuseHiddenChoice(request, contests) ?? (await refuseUnknownContest(request));
    return refusal === undefined ? { ok: true, request, format } : { ok: false, refusal };
  }

  /** A mistyped contest would look like one without votes. The log outlives its contests, so it is asked as well. */
  async function refuseUnknownContest({ contest }: LogRequest): Promise<Refusal | undefined> {
    if (contest === undefined || contests.get(contest) !== undefined) return undefined;
    const { items } = await log.page({ contest, limit: 1 });
    return items.length > 0 ? undefined : unknownContest(contest);
  }

  async function readPage(request: LogRequest): Promise<LogPage> {
    const { voter, ...rest } = request;
    const key = keyShown(voter);
    if (key !== undefined) {
      const page = await log.page({ ...rest, voter: key });
      if (page.items.length > 0) return page;
    }
    // An id may happen to look like a key.
    return log.page({ ...rest, ...(voter !== undefined && { voter: voterKey(voter) }) });
  }

  async function filterOf({ limit: _, cursor: __, voter, ...rest }: LogRequest): Promise<TailFilter> {
    const key = keyShown(voter);
    if (voter === undefined) return rest;
    const isKey = key !== undefined && (await log.page({ voter: key, limit: 1 })).items.length > 0;
    return { ...rest, voter: isKey ? key : voterKey(voter) };
  }

  return app;
}

/** The bytes of a voter key as the log shows it; undefined where the text can't be one. */
function keyShown(voter: string | undefined): Uint8Array | undefined {
  if (voter === undefined || !/^[A-Za-z0-9_-]{22}$/.test(voter)) return undefined;
  const bytes = Buffer.from(voter, 'base64url');
  return bytes.toString('base64url') === voter ? bytes : undefined;
}
