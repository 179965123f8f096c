import * as v from 'valibot';
import { countSchema, named } from './common.ts';

/** `/api/settings`: facts about this deployment that the pages need. */
export const settingsSchema = named(
  'Settings',
  v.object({
    voteUrl: v.pipe(
      v.nullable(v.string()),
      v.description("Address of the vote page without a trailing slash; null: the page's own host at `votePort`."),
    ),
    votePort: countSchema,
    lanHost: v.pipe(
      v.nullable(v.string()),
      v.description(
        'The network address of this machine, for phones, if the page was opened at localhost; null: none.',
      ),
    ),
    adminEnabled: v.pipe(v.boolean(), v.description('False if ADMIN_TOKEN is not set: nothing can be changed here.')),
    logStore: v.picklist(['mongodb', 'sqlite']),
  }),
);
export type Settings = v.InferOutput<typeof settingsSchema>;
