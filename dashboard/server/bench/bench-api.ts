import { Hono } from 'hono';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { BenchView } from '../../api.ts';
import { askGuard } from '../contests/contests-api.ts';
import type { DashboardEnv } from '../dashboard-env.ts';
import type { AdminGuard } from '../http/admin-guard.ts';
import { isLoopback } from '../http/loopback.ts';
import { respondWith } from '../http/problem.ts';
import { REPORT_POLICY } from '../http/security-headers.ts';
import { listBenchReports, readBenchHtml } from './bench-reports.ts';
import type { BenchRunner } from './bench-runner.ts';

/** `/api/bench`: the bench's reports, and a quick run started by the operator or from this machine. */
export function benchApi(folder: string, runner: BenchRunner, guard: AdminGuard): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get('/', async (c) => {
    const mayStart = runner.isThere && isLoopback(c);
    const view: BenchView = { reports: await listBenchReports(folder), run: runner.run, mayStart };
    c.header('cache-control', 'no-store');
    return c.json(view);
  });

  app.post('/', (c) => {
    // From this machine no token is needed, but one that was sent has to be right.
    const trusted = isLoopback(c) && c.req.header('authorization') === undefined;
    const refusal = trusted ? undefined : askGuard(c, guard);
    if (refusal !== undefined) return respondWith(refusal);
    if (!runner.isThere) {
      return respondWith({
        code: ErrorCode.NOT_FOUND,
        detail: 'The bench is not part of this installation: run it from a checkout.',
      });
    }
    if (runner.start()) return c.json(runner.run, 202);
    return respondWith({ code: ErrorCode.CONFLICT, detail: 'A bench runs already: two at once would spoil both.' });
  });

  app.get('/reports/:id/report.html', async (c) => {
    const html = await readBenchHtml(folder, c.req.param('id'));
    if (html === undefined) return respondWith({ code: ErrorCode.NOT_FOUND, detail: 'There is no such report.' });
    return c.html(html, 200, { 'content-security-policy': REPORT_POLICY });
  });

  return app;
}
