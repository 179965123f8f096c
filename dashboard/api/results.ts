import * as v from 'valibot';
import type { Results } from '../../store/tally/results.ts';
import { countSchema, idSchema, list, named, pairSchema, textsSchema, timeSchema } from './common.ts';
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

/** The results of a contest with its labels, for export. */
export const resultsExportSchema = named(
  'ResultsExport',
  v.object({
    contest: idSchema,
    title: v.string(),
    rule: v.picklist(['one-per-voter', 'open']),
    status: contestStatusSchema,
    exportedAt: timeSchema,
    countedUpTo: v.nullable(timeSchema),
    total: countSchema,
    voters: countSchema,
    changed: countSchema,
    options: list(
      v.object({
        id: idSchema,
        label: v.string(),
        count: countSchema,
        share: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
        place: v.pipe(countSchema, v.description('1 has the most votes; equal counts share a place.')),
        attributes: textsSchema,
      }),
    ),
  }),
);
export type ResultsExport = v.InferOutput<typeof resultsExportSchema>;

/** Votes counted so far at each second, oldest first: the source of the votes-per-second line. */
export const historySchema = named(
  'History',
  v.object({
    contest: idSchema,
    stepMs: countSchema,
    /** Milliseconds since 1970, and votes counted up to then (changed votes included). */
    points: list(pairSchema),
  }),
);
export type History = v.InferOutput<typeof historySchema>;

/** The counts of each option over time. */
export const optionHistorySchema = named(
  'OptionHistory',
  v.object({
    contest: idSchema,
    options: list(idSchema),
    points: v.pipe(
      list(v.array(countSchema)),
      v.description('Milliseconds since 1970, then the count of each option; oldest first, at most 300.'),
    ),
  }),
);
export type OptionHistoryView = v.InferOutput<typeof optionHistorySchema>;

/** The histories of several contests in one answer; hidden and unknown ones are left out. */
export const historiesSchema = named('Histories', v.object({ histories: list(historySchema) }));
export type Histories = v.InferOutput<typeof historiesSchema>;

/** Events of the results streams: the name of each, and its data. */
export interface ResultsEvents {
  /**
   * A part of the list of all contests, sent at the start and after each change. `from` is the index of its first
   * contest.
   */
  readonly contests: {
    readonly from: number;
    readonly total: number;
    readonly contests: readonly ContestSummary[];
  };
  /** A contest in the scope of the stream, with its options, sent at the start and after each change. */
  readonly contest: ContestView;
  readonly results: Results;
  /** Sent in place of `results` while they are hidden. */
  readonly hidden: { readonly contest: string; readonly status: Results['status'] };
  /** When the counts became unreadable; null: they are readable. */
  readonly stale: { readonly since: string | null };
  /** Sent every ten seconds. */
  readonly beat: { readonly at: string };
}
