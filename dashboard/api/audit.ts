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
        action: v.pipe(v.string(), v.description('The action, such as contest.edit.')),
        subject: v.pipe(
          v.string(),
          v.description('The id of the contest, or the name of another thing that was changed.'),
        ),
        changes: list(v.object({ field: v.string(), from: valueSchema, to: valueSchema })),
      }),
    ) satisfies v.GenericSchema<unknown, readonly AuditEntry[]>,
  }),
);
export type AuditView = v.InferOutput<typeof auditSchema>;
