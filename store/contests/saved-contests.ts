import * as v from 'valibot';
import type { Contest } from './contest.ts';
import { storedContestSchema } from './fields/contest-schema.ts';
import { type DeletedContest, deletedContestSchema } from './records/deleted-contests.ts';

/** The contests in a backup, with their pauses and resets. */
export interface SavedContests {
  readonly contests: readonly Contest[];
  /** By id. Backups of earlier versions have none. */
  readonly deleted: Readonly<Record<string, DeletedContest>>;
}

export const savedContestsSchema = v.object({
  contests: v.array(storedContestSchema),
  deleted: v.optional(v.record(v.string(), deletedContestSchema), {}),
}) satisfies v.GenericSchema<unknown, SavedContests>;
