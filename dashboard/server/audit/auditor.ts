import type { AuditChange, AuditLog } from '../../../store/audit/audit-log.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import { dashboardLog } from '../dashboard-log.ts';

/** Records what the caller of a request changed. Never rejects, because the change has already happened. */
export type Auditor = (
  c: DashboardContext,
  action: string,
  subject: string,
  changes?: readonly AuditChange[],
) => Promise<void>;

export function createAuditor(log: AuditLog): Auditor {
  return async (c, action, subject, changes = []) => {
    // Requests from this machine may start a bench without a token.
    const who = c.get('caller')?.name ?? 'this machine';
    dashboardLog.info({ who, action, subject }, 'Changed by an operator');
    try {
      await log.add({ who, action, subject, changes });
    } catch (error) {
      dashboardLog.error({ error, who, action, subject, changes }, 'Cannot add this change to the audit list');
    }
  };
}
