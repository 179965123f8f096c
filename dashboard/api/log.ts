import * as v from 'valibot';
import { countSchema, idSchema, list, named, pairSchema, textsSchema, timeSchema } from './common.ts';
import type { ResultsEvents } from './results.ts';

export const transportSchema = v.picklist(['http', 'grpc', 'connect']);

/** One row of `/api/logs`. */
export const logItemSchema = named(
  'LogItem',
  v.object({
    id: v.string(),
    contest: idSchema,
    choice: v.pipe(v.nullable(v.string()), v.description("null while the contest's results are hidden.")),
    voter: v.pipe(
      v.string(),
      v.regex(/^[A-Za-z0-9_-]{22}$/),
      v.description('A keyed hash of the voter: 16 bytes as base64url, never the id of the voter.'),
    ),
    attributes: v.pipe(textsSchema, v.description("Empty while the contest's results are hidden.")),
    path: transportSchema,
    edge: v.string(),
    receivedAt: timeSchema,
  }),
);
export type LogItem = v.InferOutput<typeof logItemSchema>;

export const logPageSchema = named(
  'LogPage',
  v.object({
    items: list(logItemSchema),
    next: v.pipe(v.nullable(v.string()), v.description('The cursor of the next page; null on the last page.')),
  }),
);
export type LogPageView = v.InferOutput<typeof logPageSchema>;

/** Votes over time, for the filters of a request. */
export const logCountsSchema = named(
  'LogCounts',
  v.object({
    total: v.pipe(countSchema, v.description('The number of matching votes counted, newest first.')),
    isComplete: v.pipe(v.boolean(), v.description('False if more votes match than were counted.')),
    stepMs: countSchema,
    buckets: v.pipe(
      list(pairSchema),
      v.description('Start of the bucket in milliseconds since 1970, and its number of votes.'),
    ),
  }),
);
export type LogCounts = v.InferOutput<typeof logCountsSchema>;

/** The path of one vote from the edge to the log. */
export const voteStorySchema = named(
  'VoteStory',
  v.object({
    vote: logItemSchema,
    partition: countSchema,
    entryId: v.string(),
    index: v.pipe(countSchema, v.description('Its position in the entry, from 0.')),
    storedAt: v.pipe(timeSchema, v.description("When Redis stored it, by Redis's clock.")),
    outcome: v.pipe(
      v.picklist(['counted', 'superseded', 'duplicate', 'late', 'queued', 'dead', 'lost', 'deleted']),
      v.description(
        'The outcome in the tally. lost: Redis has since lost the stream; deleted: the contest was deleted.',
      ),
    ),
  }),
);
export type VoteStory = v.InferOutput<typeof voteStorySchema>;

/** Events of `/api/logs/events`. */
export interface LogEvents {
  /** Votes logged since the previous event, newest first. */
  readonly votes: { readonly items: readonly LogItem[] };
  /** Votes were left out: more arrived than a tail shows, or the stream was interrupted. */
  readonly gap: { readonly reason: 'slow' | 'many' | 'resumed' };
  readonly stale: ResultsEvents['stale'];
  readonly beat: ResultsEvents['beat'];
}
