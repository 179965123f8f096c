import { Hono } from 'hono';
import { isProblem, type Problem } from '../../../http/problem.ts';
import { problemResponse } from '../../../http/problem-reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { type BenchView, benchRunSchema, benchSchema } from '../../api/bench.ts';
import { verifyToken } from '../access/require-admin.ts';
import type { TokenVerifier } from '../access/token-verifier.ts';
import type { DashboardEnv } from '../dashboard-env.ts';
import { isLoopback } from '../http/loopback.ts';
import { adminProblems, describe, json, problem } from '../openapi/describe.ts';
import { listBenchReports, readBenchHtml } from './bench-reports.ts';
import type { BenchRunner } from './bench-runner.ts';

/**
 * A bench report is one file with inline scripts and styles. The sandbox gives it an origin of its own, without access
 * to the dashboard's pages.
 */
const REPORT_POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts";

const listReports = describe({
  operationId: 'listBenchReports',
  summary: 'Reports of the bench, and the current run.',
  responses: { 200: json(benchSchema, 'The reports, newest first.') },
});

const startBench = describe({
  operationId: 'startBench',
  summary: 'Starts a quick bench. Requests from this machine itself need no token.',
  security: [{ adminToken: [] }, {}],
  responses: {
    202: json(benchRunSchema, 'Started.'),
    ...adminProblems,
    404: problem('The bench is not installed.'),
    409: problem('A bench is already running.'),
  },
});

/** `/api/bench`: the reports of the bench, and a quick run started by the operator or from this machine. */
export function benchApi(folder: string, runner: BenchRunner, verify: TokenVerifier): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get('/', listReports, async (c) => {
    const mayStart = runner.isInstalled && isLoopback(c);
    const view: BenchView = { reports: await listBenchReports(folder), run: runner.run, mayStart };
    c.header('cache-control', 'no-store');
    return c.json(view);
  });

  app.post('/', startBench, (c) => {
    // Requests from this machine need no token; if one was sent, it must be valid.
    const trusted = isLoopback(c) && c.req.header('authorization') === undefined;
    const caller = trusted ? undefined : verifyToken(c, verify, 'admin');
    if (caller !== undefined && isProblem(caller)) return problemResponse(caller);
    if (!runner.isInstalled) return problemResponse(NOT_INSTALLED);
    return runner.start() ? c.json(runner.run, 202) : problemResponse(ALREADY_RUNNING);
  });

  app.get('/reports/:id/report.html', async (c) => {
    const html = await readBenchHtml(folder, c.req.param('id'));
    if (html === undefined) return problemResponse({ code: ErrorCode.NOT_FOUND, detail: 'No such report' });
    return c.html(html, 200, { 'content-security-policy': REPORT_POLICY });
  });

  return app;
}

const NOT_INSTALLED: Problem = {
  code: ErrorCode.NOT_FOUND,
  detail: 'The bench is not part of this installation; run it from a checkout',
};

const ALREADY_RUNNING: Problem = {
  code: ErrorCode.CONFLICT,
  detail: 'A bench is already running; two at once would disturb each other',
};
