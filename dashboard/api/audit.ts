import * as v from 'valibot';
import type { AuditEntry } from '../../store/audit/audit-log.ts';
import { list, named, timeSchema } from './common.ts';

const valueSchema = v.nullable(v.string());

/** What operators changed, newest first. */
export const auditSchema = named(
  'Audit',
  v.object({
    items: list(
      v.object({
        at: timeSchema,
        who: v.pipe(v.string(), v.description('The name of the token.')),
        action: v.pipe(v.string(), v.description('Such as contest.edit.')),
        subject: v.pipe(v.string(), v.description("The contest's id, or what else was changed.")),
        changes: list(v.object({ field: v.string(), from: valueSchema, to: valueSchema })),
      }),
    ) satisfies v.GenericSchema<unknown, readonly AuditEntry[]>,
  }),
);
export type AuditView = v.InferOutput<typeof auditSchema>;
