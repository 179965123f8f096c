import * as v from 'valibot';
import { countSchema, list, named, timeSchema } from './common.ts';

const deadLetterSchema = v.object({
  partition: countSchema,
  group: v.string(),
  id: v.string(),
  position: v.pipe(v.string(), v.description('The id of the original entry; differs from `id` after a replay.')),
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
/** The public view of a dead letter. */
export type DeadLetterItem = v.InferOutput<typeof deadLetterSchema>;

export const deadLetterListSchema = named(
  'DeadLetterList',
  v.object({ total: countSchema, items: list(deadLetterSchema) }),
);
export type DeadLetterList = v.InferOutput<typeof deadLetterListSchema>;

/** A dead letter with its content, for operators only because the content may name voters. */
export const deadLetterDetailSchema = named(
  'DeadLetterDetail',
  v.object({
    ...deadLetterSchema.entries,
    hex: v.string(),
    batch: v.pipe(v.unknown(), v.description('The VoteBatch as JSON; null if the bytes are not one.')),
  }),
);
export type DeadLetterDetail = v.InferOutput<typeof deadLetterDetailSchema>;

const letterNameSchema = v.object({ partition: countSchema, group: v.picklist(['tally', 'log']), id: v.string() });

/** The body of `POST /api/dead-letters/replay` and `/discard`. */
export const letterNamesSchema = named(
  'DeadLetterNames',
  v.strictObject({
    letters: v.pipe(
      v.array(letterNameSchema, 'letters must be a list of dead letters, each with partition, group and id'),
      v.minLength(1, 'letters must name at least one dead letter'),
      v.maxLength(500, 'letters must be at most 500 dead letters'),
    ),
  }),
);

/** The outcome of replaying or discarding several dead letters. */
export const bulkOutcomeSchema = named(
  'DeadLetterOutcomes',
  v.object({
    handled: v.pipe(countSchema, v.description('Counted or logged now, or discarded.')),
    failed: v.pipe(countSchema, v.description('Failed again; now dead letters with a new id.')),
    waiting: v.pipe(countSchema, v.description('Back in their streams; not handled within a second.')),
    gone: v.pipe(countSchema, v.description('No longer dead letters: another operator was faster.')),
  }),
);
export type BulkOutcome = v.InferOutput<typeof bulkOutcomeSchema>;

export const replayOutcomeSchema = named(
  'ReplayOutcome',
  v.object({
    replayed: v.pipe(v.boolean(), v.description('False for a dry run.')),
    newId: v.nullable(v.string()),
    readable: v.pipe(v.boolean(), v.description('Whether the entry is a VoteBatch.')),
  }),
);
export type ReplayOutcome = v.InferOutput<typeof replayOutcomeSchema>;
