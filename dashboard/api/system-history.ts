import * as v from 'valibot';
import { countSchema, list, named, timeSchema } from './common.ts';

const amount = v.pipe(v.number(), v.minValue(0));
const unknowable = v.nullable(amount);

/** The state of the system at one moment. null means not known, as opposed to 0. */
export const systemSampleSchema = v.object({
  at: v.pipe(countSchema, v.description('Milliseconds since 1970.')),
  toCount: v.pipe(unknowable, v.description('Entries that the tally has not counted.')),
  toLog: unknowable,
  countDelayMs: v.pipe(unknowable, v.description('The age of the oldest entry that is not counted.')),
  logDelayMs: unknowable,
  http: v.pipe(unknowable, v.description('Votes acknowledged per second over this transport.')),
  grpc: unknowable,
  connect: unknowable,
  redisBytes: unknowable,
  streamEntries: unknowable,
});
export type SystemSample = v.InferOutput<typeof systemSampleSchema>;

const eventSchema = v.object({ at: timeSchema, text: v.string(), bad: v.boolean() });
export type SystemEvent = v.InferOutput<typeof eventSchema>;

/** The last hour, as dashboards recorded it. */
export const systemHistorySchema = named(
  'SystemHistory',
  v.object({ stepMs: countSchema, samples: list(systemSampleSchema), events: list(eventSchema) }),
);
export type SystemHistoryView = v.InferOutput<typeof systemHistorySchema>;
