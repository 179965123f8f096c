import { networkInterfaces } from 'node:os';
import { Hono } from 'hono';
import { accepts } from 'hono/accepts';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { timeout } from 'hono/timeout';
import { internalError } from '../../http/common-problems.ts';
import type { Problem } from '../../http/problem.ts';
import { problemResponse } from '../../http/problem-reply.ts';
import { clientAddress } from '../../http/request/client-address.ts';
import { requestId } from '../../http/request/request-id.ts';
import { securityHeaders } from '../../http/security-headers.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { AuditLog } from '../../store/audit/audit-log.ts';
import type { ContestStore } from '../../store/contests/contest-store.ts';
import type { LogStore } from '../../store/log/log-store.ts';
import { refusesWrites } from '../../store/redis/refuses-writes.ts';
import type { ResultsReader } from '../../store/tally/read-results.ts';
import { type Settings, settingsSchema } from '../api/settings.ts';
import type { LogSessions } from './access/log-session.ts';
import { requireAdmin } from './access/require-admin.ts';
import { isOpenOnLoopback, type ReaderAccess } from './access/require-reader.ts';
import { createTokenVerifier } from './access/token-verifier.ts';
import { auditApi } from './audit/audit-api.ts';
import { createAuditor } from './audit/auditor.ts';
import { benchApi } from './bench/bench-api.ts';
import type { BenchRunner } from './bench/bench-runner.ts';
import type { DashboardConfig } from './config.ts';
import { contestsApi } from './contests/contests-api.ts';
import { type DashboardContext, type DashboardEnv, peerOf } from './dashboard-env.ts';
import { dashboardLog } from './dashboard-log.ts';
import { lanAddress } from './http/lan-address.ts';
import type { StaticFiles } from './http/static-files.ts';
import { createViewerSeats } from './http/viewer-seats.ts';
import type { LogTail } from './log/log-tail.ts';
import { logsApi } from './log/logs-api.ts';
import type { ReadOutcome } from './log/vote-story.ts';
import { adminOnly, adminProblems, describe, json } from './openapi/describe.ts';
import { mountOpenApi } from './openapi/openapi-api.ts';
import { resultsApi } from './results/results-api.ts';
import type { ResultsHub } from './results/results-hub.ts';
import { type DeadLetters, deadLettersApi } from './system/dead-letters-api.ts';
import type { Metrics } from './system/metrics.ts';
import { systemApi } from './system/system-api.ts';
import type { SystemHistory } from './system/system-history.ts';
import type { SystemReader } from './system/system-reader.ts';

/** Dependencies of the routes. */
export interface DashboardParts {
  readonly config: DashboardConfig;
  readonly contests: ContestStore;
  readonly results: ResultsReader;
  readonly hub: ResultsHub;
  readonly log: LogStore;
  readonly tail: LogTail;
  readonly voterKey: (voter: string) => Uint8Array;
  readonly readOutcome: ReadOutcome;
  readonly sessions: LogSessions;
  readonly system: SystemReader;
  readonly history: SystemHistory;
  readonly deadLetters: DeadLetters;
  readonly bench: BenchRunner;
  readonly audit: AuditLog;
  /** See DeletedLogs. */
  readonly deletedLogs: { wake(): void };
  readonly pages: StaticFiles;
  readonly metrics: Metrics;
  /** Redis's clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** True if the stores answer and the server is not stopping. */
  readonly isReady: () => boolean;
}

/** A frozen store would otherwise hold each request until its connection times out. */
const ANSWER_MS = 2000;
const STORE_UNAVAILABLE: Problem = {
  code: ErrorCode.STORE_UNAVAILABLE,
  detail: 'A store does not answer; try again in a moment',
  retryAfter: 2,
};

const STORE_REJECTS_WRITES: Problem = {
  code: ErrorCode.STORE_UNAVAILABLE,
  detail:
    'Redis rejects writes: check its memory (maxmemory), its disk, and whether it is the master. Nothing was changed',
  retryAfter: 5,
};

/** Mounts the routes of the dashboard. */
export function createDashboardApp(parts: DashboardParts): Hono<DashboardEnv> {
  const { config, contests, results, hub, log, tail, voterKey, metrics } = parts;
  const verify = createTokenVerifier(config.tokens);
  const audit = createAuditor(parts.audit);
  const access: ReaderAccess = {
    verify,
    sessions: parts.sessions,
    trustProxy: config.trustProxy,
    openOnLoopback: isOpenOnLoopback(config.tokens),
  };
  const takeSeat = createViewerSeats(config);
  const settings: Settings = {
    voteUrl: config.voteUrl,
    votePort: config.votePort,
    lanHost: lanAddress(networkInterfaces()),
    adminEnabled: config.tokens.some(({ role }) => role === 'admin'),
    logStore: log.kind,
  };

  const app = new Hono<DashboardEnv>();
  const headers = securityHeaders();
  const embedHeaders = securityHeaders({ frameAncestors: config.embedOrigins });
  app.use((c, next) => (c.req.path.startsWith('/embed/') ? embedHeaders : headers)(c, next));
  app.use(metrics.observe);
  app.use(async (c, next) => {
    c.set('now', parts.now);
    c.set('client', clientAddress(peerOf(c), c.req.header('x-forwarded-for'), config.trustProxy));
    return next();
  });
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        problemResponse({
          code: ErrorCode.METHOD_NOT_ALLOWED,
          detail: `${c.req.path.slice(0, 200)} accepts ${methods.join(', ')}; got ${c.req.method}`,
          allow: methods.join(', '),
        }),
    }),
  );

  const inTime = timeout(ANSWER_MS, new HTTPException(504));
  // Streams and exports have no time limit.
  app.use('/api/*', (c, next) => (/\/(events|export)$/.test(c.req.path) ? next() : inTime(c, next)));

  app.route('/api', resultsApi({ contests, results, hub, takeSeat }));
  app.route('/api/contests', contestsApi({ contests, verify, audit, onLogDeleted: () => parts.deletedLogs.wake() }));
  app.route('/api/logs', logsApi({ log, tail, contests, voterKey, takeSeat, access, readOutcome: parts.readOutcome }));
  app.route('/api/system', systemApi(parts.system, parts.history));
  app.route('/api/dead-letters', deadLettersApi(parts.deadLetters, verify, audit));
  app.route('/api/bench', benchApi(config.benchResults, parts.bench, verify));
  app.route('/api/audit', auditApi(parts.audit, verify));
  app.get('/api/admin', checkToken, requireAdmin(verify), (c) => c.body(null, 204, { 'cache-control': 'no-store' }));
  app.get('/api/settings', getSettings, (c) => c.json(settings));
  mountOpenApi(app);
  app.get('/healthz', getHealth, (c) => c.text('ok\n'));
  app.get('/readyz', getReadiness, (c) => (parts.isReady() ? c.text('ready\n') : c.text('not ready\n', 503)));
  // HAProxy's default health check.
  app.options('/', (c) => c.body(null, parts.isReady() ? 204 : 503, { allow: 'GET, HEAD, OPTIONS' }));
  app.get('/metrics', getMetrics, async (c) =>
    c.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
  );

  app.notFound((c) => {
    // The path is not decoded, so that each file has exactly one name.
    const path = new URL(c.req.url).pathname;
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
    const ifNoneMatch = c.req.header('if-none-match');
    const acceptEncoding = c.req.header('accept-encoding');
    const found = reads ? parts.pages(path, { ifNoneMatch, acceptEncoding }) : undefined;
    if (found !== undefined) return found;
    return (
      (reads && prefersPage(c, path) ? parts.pages.notFound({ acceptEncoding }) : undefined) ??
      problemResponse({ code: ErrorCode.NOT_FOUND, detail: nothingAt(path, config) })
    );
  });
  app.onError((error, c) => {
    if (!parts.isReady() || error instanceof HTTPException) return problemResponse(STORE_UNAVAILABLE);
    if (refusesWrites(error)) return problemResponse(STORE_REJECTS_WRITES);
    const id = requestId((name) => c.req.header(name));
    dashboardLog.error({ requestId: id, method: c.req.method, path: c.req.path, error }, 'Request failed');
    return problemResponse(internalError(id));
  });
  return app;
}

const checkToken = describe({
  operationId: 'checkAdminToken',
  summary: 'Checks the admin token.',
  ...adminOnly,
  responses: { 204: { description: 'The token is valid.' }, ...adminProblems },
});
const getSettings = describe({
  operationId: 'getSettings',
  summary: 'Facts about this deployment that the pages need.',
  responses: { 200: json(settingsSchema, 'The settings.') },
});
const getHealth = describe({
  operationId: 'isAlive',
  summary: 'Liveness of the process.',
  responses: { 200: { description: 'The process is alive.' } },
});
const getReadiness = describe({
  operationId: 'isReady',
  summary: 'Readiness to serve requests.',
  responses: { 200: { description: 'Ready.' }, 503: { description: 'A store is not available.' } },
});
const getMetrics = describe({
  operationId: 'getMetrics',
  summary: 'Prometheus metrics.',
  responses: { 200: { description: 'Metrics in the text format.' } },
});

/** Browsers get a page; programs, and requests below /api/, get a problem. */
function prefersPage(c: DashboardContext, path: string): boolean {
  const types = { supports: ['application/json', 'text/html'], default: 'application/json' };
  return !path.startsWith('/api/') && accepts(c, { header: 'Accept', ...types }) === 'text/html';
}

function nothingAt(path: string, { voteUrl, votePort }: DashboardConfig): string {
  const edge = voteUrl === null ? `port ${votePort} of this host` : voteUrl;
  const remedy = /^\/(v1|votewire\.v1\.)/.test(path) ? `; votes are cast at the edge: ${edge}` : '';
  return `No page or API at ${path.slice(0, 200)}${remedy}`;
}
