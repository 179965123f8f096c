import * as v from 'valibot';
import type { Contest } from '../../store/contests/contest.ts';
import { contestSchema, optionSchema, storedContestSchema } from '../../store/contests/fields/contest-schema.ts';
import { countSchema, idSchema, list, named, textsSchema, timeSchema } from './common.ts';

export const contestStatusSchema = v.picklist(['scheduled', 'open', 'paused', 'closed']);

const shownContestSchema = v.object({
  id: idSchema,
  title: v.string(),
  rule: v.picklist(['one-per-voter', 'open']),
  options: list(v.object({ id: idSchema, label: v.string(), colour: v.string(), attributes: textsSchema })),
  opensAt: v.nullable(timeSchema),
  closesAt: v.nullable(timeSchema),
  hidden: v.boolean(),
  countsFrom: v.exactOptional(v.pipe(timeSchema, v.description('Set by a reset: only later votes count.'))),
  pauses: v.exactOptional(list(v.object({ from: timeSchema, to: v.nullable(timeSchema) }))),
}) satisfies v.GenericSchema<unknown, Contest>;

/** A contest with its current status. */
export const contestViewSchema = named(
  'Contest',
  v.object({
    ...shownContestSchema.entries,
    status: contestStatusSchema,
    /** True while every API withholds choices and counts: `hidden` is set and the contest is not closed. */
    resultsHidden: v.boolean(),
    code: v.exactOptional(
      v.pipe(v.string(), v.description('A short code for the address of its vote page, easy to type.')),
    ),
    tag: v.pipe(v.string(), v.description('Identifies this version: send it in If-Match, in double quotes.')),
  }),
);
export type ContestView = v.InferOutput<typeof contestViewSchema>;

const { options: _, ...summaryEntries } = shownContestSchema.entries;

/** A contest in a list, without its options. */
export const contestSummarySchema = named(
  'ContestSummary',
  v.object({
    ...summaryEntries,
    status: contestStatusSchema,
    resultsHidden: v.boolean(),
    optionCount: countSchema,
    activeAt: v.pipe(
      v.nullable(timeSchema),
      v.description('When its counts last changed, to within ten seconds; null: not known.'),
    ),
  }),
);
export type ContestSummary = v.InferOutput<typeof contestSummarySchema>;

export const contestListSchema = named('ContestList', v.object({ contests: list(contestViewSchema) }));
export type ContestList = v.InferOutput<typeof contestListSchema>;

export const contestSummaryListSchema = named('ContestSummaryList', v.object({ contests: list(contestSummarySchema) }));
export type ContestSummaryList = v.InferOutput<typeof contestSummaryListSchema>;

/** The body of `POST /api/contests`. */
export const newContestSchema = named('NewContest', contestSchema);

/** The body of `PATCH /api/contests/:id`: the fields to replace. */
export const contestChangeSchema = named(
  'ContestChange',
  v.strictObject({
    title: v.optional(storedContestSchema.entries.title),
    options: v.optional(v.array(optionSchema)),
    opensAt: v.optional(v.nullable(timeSchema)),
    closesAt: v.optional(v.nullable(timeSchema)),
    hidden: v.optional(v.boolean()),
    status: v.optional(v.picklist(['open', 'paused', 'closed'])),
  }),
);

/** The body of `POST /api/contests/:id/reset`. */
export const resetSchema = named(
  'ContestReset',
  v.strictObject({
    confirm: v.pipe(v.string(), v.description('The id of the contest, so that no mistake removes counts.')),
  }),
);

/** The answer to `DELETE /api/contests/:id`. */
export const deletedContestSchema = named(
  'DeletedContest',
  v.object({
    deleted: idSchema,
    log: v.pipe(
      v.picklist(['kept', 'deleted']),
      v.description('Whether its votes stay in the log until they expire, or are being removed for good.'),
    ),
  }),
);
export type DeletedContestView = v.InferOutput<typeof deletedContestSchema>;
