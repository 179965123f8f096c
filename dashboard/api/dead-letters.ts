import * as v from 'valibot';
import { countSchema, list, named, timeSchema } from './common.ts';

const deadLetterSchema = v.object({
  partition: countSchema,
  group: v.string(),
  id: v.string(),
  reason: v.string(),
  firstFailure: timeSchema,
  lastFailure: timeSchema,
  failures: countSchema,
  deliveries: countSchema,
  votes: countSchema,
  field: v.string(),
  /** The size of the entry. */
  bytes: countSchema,
});
/** A dead letter as anyone may see it. */
export type DeadLetterItem = v.InferOutput<typeof deadLetterSchema>;

export const deadLetterListSchema = named(
  'DeadLetterList',
  v.object({ total: countSchema, items: list(deadLetterSchema) }),
);
export type DeadLetterList = v.InferOutput<typeof deadLetterListSchema>;

/** With the content of the entry, which may name voters: for the operator only. */
export const deadLetterDetailSchema = named(
  'DeadLetterDetail',
  v.object({
    ...deadLetterSchema.entries,
    hex: v.string(),
    batch: v.pipe(v.unknown(), v.description('The VoteBatch as JSON; null if the bytes are not one.')),
  }),
);
export type DeadLetterDetail = v.InferOutput<typeof deadLetterDetailSchema>;

export const replayOutcomeSchema = named(
  'ReplayOutcome',
  v.object({
    replayed: v.pipe(v.boolean(), v.description('False for a dry run.')),
    newId: v.nullable(v.string()),
    readable: v.pipe(v.boolean(), v.description('Whether the entry is a VoteBatch.')),
  }),
);
export type ReplayOutcome = v.InferOutput<typeof replayOutcomeSchema>;
