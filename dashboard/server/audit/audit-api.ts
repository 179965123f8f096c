import { Hono } from 'hono';
import * as v from 'valibot';
import type { AuditLog } from '../../../store/audit/audit-log.ts';
import { type AuditView, auditSchema } from '../../api/audit.ts';
import { requireAdmin } from '../access/require-admin.ts';
import type { TokenVerifier } from '../access/token-verifier.ts';
import type { DashboardEnv } from '../dashboard-env.ts';
import { validateQuery } from '../http/validate-query.ts';
import {
  adminOnly,
  adminProblems,
  describe,
  invalidQueryProblem,
  json,
  unavailableProblem,
} from '../openapi/describe.ts';

const DEFAULT_LIMIT = 100;
const limitRule = 'must be an integer from 1 to 1000';
const auditQuery = v.strictObject(
  {
    subject: v.optional(v.pipe(v.string('must be given once'), v.maxLength(64, 'must be at most 64 characters long'))),
    limit: v.optional(
      v.pipe(v.string(limitRule), v.regex(/^(?:[1-9][0-9]{0,2}|1000)$/, limitRule), v.transform(Number)),
      `${DEFAULT_LIMIT}`,
    ),
  },
  'is not a parameter; use subject and limit',
);

const listChanges = describe({
  operationId: 'listChanges',
  summary: 'Changes by operators: who, when and what. The latest 1,000 are kept.',
  ...adminOnly,
  responses: {
    200: json(auditSchema, 'The changes, newest first.'),
    ...adminProblems,
    ...invalidQueryProblem,
    ...unavailableProblem,
  },
});

/** `/api/audit`. */
export function auditApi(log: AuditLog, verify: TokenVerifier): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  app.get('/', listChanges, requireAdmin(verify), validateQuery(auditQuery), async (c) => {
    const { limit, subject } = c.req.valid('query');
    c.header('cache-control', 'no-store');
    return c.json({ items: await log.list(limit, subject) } satisfies AuditView);
  });
  return app;
}
