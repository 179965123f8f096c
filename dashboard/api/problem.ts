import * as v from 'valibot';
import { list, named } from './common.ts';

/** RFC 9457 problem. */
export const problemSchema = named(
  'Problem',
  v.object({
    type: v.string(),
    title: v.string(),
    status: v.pipe(v.number(), v.integer(), v.minValue(0)),
    code: v.string(),
    detail: v.string(),
    current: v.pipe(v.optional(v.unknown()), v.description('The resource as it is now, with precondition_failed.')),
    errors: v.optional(list(v.object({ field: v.string(), message: v.string(), offset: v.optional(v.number()) }))),
  }),
);
export type ProblemView = v.InferOutput<typeof problemSchema>;
