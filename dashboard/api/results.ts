import * as v from 'valibot';
import type { Results } from '../../store/tally/results.ts';
import { countSchema, idSchema, list, named, timeSchema } from './common.ts';
import { type ContestSummary, type ContestView, contestStatusSchema } from './contests.ts';

export type { Results };

export const resultsSchema = named(
  'Results',
  v.object({
    contest: idSchema,
    status: contestStatusSchema,
    version: countSchema,
    total: countSchema,
    voters: countSchema,
    changed: countSchema,
    countedUpTo: v.nullable(timeSchema),
    options: list(v.object({ id: idSchema, label: v.string(), count: countSchema })),
  }),
) satisfies v.GenericSchema<unknown, Results>;

/** Votes counted so far at each second, oldest first: the source of the votes-per-second line. */
export const historySchema = named(
  'History',
  v.object({
    contest: idSchema,
    stepMs: countSchema,
    /** Milliseconds since 1970, and votes counted up to then (changed votes included). */
    points: list(v.tuple([countSchema, countSchema])),
  }),
);
export type History = v.InferOutput<typeof historySchema>;

/** Events of the results streams: the name of each, and its data. */
export interface ResultsEvents {
  /** A part of the list of all contests, at the start and after each change in it. `from` is the place of its first. */
  readonly contests: {
    readonly from: number;
    readonly total: number;
    readonly contests: readonly ContestSummary[];
  };
  /** A contest in the scope of the stream, with its options, at the start and after each change of it. */
  readonly contest: ContestView;
  readonly results: Results;
  /** Sent in place of `results` while they are hidden. */
  readonly hidden: { readonly contest: string; readonly status: Results['status'] };
  /** The time since which the counts cannot be read; null: they can. */
  readonly stale: { readonly since: string | null };
  /** Sent every ten seconds. */
  readonly beat: { readonly at: string };
}
