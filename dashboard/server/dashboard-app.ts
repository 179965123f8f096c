import { Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { timeout } from 'hono/timeout';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { ContestStore } from '../../store/contests/contests.ts';
import type { LogStore } from '../../store/log/log-store.ts';
import type { ResultsReader } from '../../store/tally/read-results.ts';
import type { Settings } from '../api/settings.ts';
import { benchApi } from './bench/bench-api.ts';
import type { BenchRunner } from './bench/bench-runner.ts';
import type { DashboardConfig } from './config.ts';
import { askGuard, contestsApi } from './contests/contests-api.ts';
import type { DashboardContext, DashboardEnv } from './dashboard-env.ts';
import { createAdminGuard } from './http/admin-guard.ts';
import { respondWith } from './http/problem.ts';
import { securityHeaders } from './http/security-headers.ts';
import type { StaticFiles } from './http/static-files.ts';
import type { LogTail } from './log/log-tail.ts';
import { logsApi } from './log/logs-api.ts';
import { openApiDocument } from './openapi/openapi.ts';
import { resultsApi } from './results/results-api.ts';
import type { ResultsHub } from './results/results-hub.ts';
import { type DeadLetters, deadLettersApi } from './system/dead-letters-api.ts';
import type { Metrics } from './system/metrics.ts';
import { systemApi } from './system/system-api.ts';
import type { SystemReader } from './system/system-reader.ts';

/** What the dashboard serves from. */
export interface DashboardParts {
  readonly config: DashboardConfig;
  readonly contests: ContestStore;
  readonly results: ResultsReader;
  readonly hub: ResultsHub;
  readonly log: LogStore;
  readonly tail: LogTail;
  readonly voterKey: (voter: string) => Uint8Array;
  readonly system: SystemReader;
  readonly deadLetters: DeadLetters;
  readonly bench: BenchRunner;
  readonly pages: StaticFiles;
  readonly metrics: Metrics;
  /** Whether the stores answer and the server is not stopping. */
  readonly isReady: () => boolean;
}

/** A store that is frozen and not gone would otherwise hold each request until its connection is given up. */
const ANSWER_MS = 2000;
const STORE_AWAY = 'The store does not answer. It is asked again with the next request.';

/** Puts the dashboard's routes together. */
export function createDashboardApp(parts: DashboardParts): Hono<DashboardEnv> {
  const { config, contests, results, hub, log, tail, voterKey, metrics } = parts;
  const guard = createAdminGuard(config.adminToken);
  const hasRoom = () => hub.viewers + tail.viewers < config.maxViewers;
  const settings: Settings = {
    voteUrl: config.voteUrl,
    votePort: config.votePort,
    adminEnabled: config.adminToken !== undefined,
    logStore: log.kind,
  };

  const app = new Hono<DashboardEnv>();
  app.use(securityHeaders);
  app.use(metrics.observe);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        respondWith({
          code: ErrorCode.METHOD_NOT_ALLOWED,
          detail: `${c.req.path} takes ${methods.join(', ')}.`,
          allow: methods.join(', '),
        }),
    }),
  );

  const inTime = timeout(ANSWER_MS, new HTTPException(504));
  // Streams and exports may take as long as they do.
  app.use('/api/*', (c, next) => (/\/(events|export)$/.test(c.req.path) ? next() : inTime(c, next)));

  app.route('/api', resultsApi({ contests, results, hub, hasRoom }));
  app.route('/api/contests', contestsApi(contests, guard));
  app.route('/api/logs', logsApi({ log, tail, contests, voterKey, hasRoom }));
  app.route('/api/system', systemApi(parts.system));
  app.route('/api/dead-letters', deadLettersApi(parts.deadLetters, guard));
  app.route('/api/bench', benchApi(config.benchResults, parts.bench, guard));
  app.get('/api/admin', (c) => {
    const refusal = askGuard(c, guard);
    return refusal === undefined ? c.body(null, 204, { 'cache-control': 'no-store' }) : respondWith(refusal);
  });
  app.get('/api/settings', (c) => c.json(settings));
  app.get('/openapi.json', (c) => c.json(openApiDocument));
  app.get('/healthz', (c) => c.text('ok\n'));
  app.get('/readyz', (c) => (parts.isReady() ? c.text('ready\n') : c.text('not ready\n', 503)));
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }));

  app.notFound((c) => {
    // The raw path: nothing is decoded, so that a file is named in one way alone.
    const path = new URL(c.req.url).pathname;
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
    const ifNoneMatch = c.req.header('if-none-match');
    const acceptEncoding = c.req.header('accept-encoding');
    const found = reads ? parts.pages(path, { ifNoneMatch, acceptEncoding }) : undefined;
    if (found !== undefined) return found;
    return (
      (reads && prefersPage(c, path) ? parts.pages.notFound({ acceptEncoding }) : undefined) ??
      respondWith({ code: ErrorCode.NOT_FOUND, detail: nothingAt(path, config) })
    );
  });
  app.onError((error, c) => {
    if (!parts.isReady() || error instanceof HTTPException) {
      return respondWith({ code: ErrorCode.STORE_UNAVAILABLE, detail: STORE_AWAY, retryAfter: 2 });
    }
    console.error(`dashboard: ${c.req.method} ${c.req.path}: ${error.stack ?? error.message}`);
    return respondWith({ code: ErrorCode.INTERNAL, detail: 'The dashboard failed at this. Its output says why.' });
  });
  return app;
}

/** Somebody at a browser gets a page; a program, and whoever asks for a part of the API, a problem. */
function prefersPage(c: DashboardContext, path: string): boolean {
  const types = { supports: ['application/json', 'text/html'], default: 'application/json' };
  return !path.startsWith('/api/') && accepts(c, { header: 'Accept', ...types }) === 'text/html';
}

function nothingAt(path: string, { voteUrl, votePort }: DashboardConfig): string {
  const edge = voteUrl === null ? `port ${votePort} of this host` : voteUrl;
  const remedy = /^\/(v1|votewire\.v1\.)/.test(path) ? ` Votes are cast at the edge: ${edge}.` : '';
  return `There is nothing at ${path.slice(0, 200)}.${remedy}`;
}
