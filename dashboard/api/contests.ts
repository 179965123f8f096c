import * as v from 'valibot';
import type { Contest } from '../../store/contests/contest.ts';
import { idSchema, list, named, textsSchema, timeSchema } from './common.ts';

export const contestStatusSchema = v.picklist(['scheduled', 'open', 'closed']);
const ruleSchema = v.picklist(['one-per-voter', 'open']);
const colourSchema = v.pipe(v.string(), v.regex(/^#[0-9a-fA-F]{6}$/));

const contestSchema = v.object({
  id: idSchema,
  title: v.string(),
  rule: ruleSchema,
  options: list(v.object({ id: idSchema, label: v.string(), colour: colourSchema, attributes: textsSchema })),
  opensAt: v.nullable(timeSchema),
  closesAt: v.nullable(timeSchema),
  hidden: v.boolean(),
}) satisfies v.GenericSchema<unknown, Contest>;

/** A contest with its present status. */
export const contestViewSchema = named(
  'Contest',
  v.object({
    ...contestSchema.entries,
    status: contestStatusSchema,
    /** True while no API shows what was voted: `hidden` is set and the contest is not closed. */
    resultsHidden: v.boolean(),
  }),
);
export type ContestView = v.InferOutput<typeof contestViewSchema>;

export const contestListSchema = named('ContestList', v.object({ contests: list(contestViewSchema) }));
export type ContestList = v.InferOutput<typeof contestListSchema>;

const newOptionSchema = v.strictObject({
  id: idSchema,
  label: v.optional(v.string()),
  colour: v.optional(colourSchema),
  attributes: v.optional(textsSchema),
});
const editable = {
  title: v.string(),
  options: list(newOptionSchema),
  opensAt: v.nullable(timeSchema),
  closesAt: v.nullable(timeSchema),
  hidden: v.boolean(),
};

/** The body of `POST /api/contests`. The store checks it, with rules that span fields. */
export const newContestSchema = named(
  'NewContest',
  v.strictObject({
    id: idSchema,
    rule: ruleSchema,
    title: editable.title,
    options: editable.options,
    opensAt: v.optional(editable.opensAt),
    closesAt: v.optional(editable.closesAt),
    hidden: v.optional(editable.hidden),
  }),
);

/** The body of `PATCH /api/contests/:id`. */
export const contestChangeSchema = named(
  'ContestChange',
  v.strictObject({
    ...v.partial(v.object(editable)).entries,
    status: v.optional(v.picklist(['open', 'closed'])),
  }),
);
