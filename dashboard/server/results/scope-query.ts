import * as v from 'valibot';
import { quoteForMessage } from '../../../http/quote.ts';

const MAX_CONTESTS = 200;
const IDS = new RegExp(`^(?:[a-z0-9][a-z0-9._-]{0,63}(?:,[a-z0-9][a-z0-9._-]{0,63}){0,${MAX_CONTESTS - 1}})?$`);

/** The query of `/api/events`: `contests` selects whose results are sent. Default: all contests. */
export const scopeQuery = v.strictObject(
  {
    contests: v.optional(
      v.pipe(
        v.string('must be given only once'),
        v.regex(
          IDS,
          ({ input }) => `must be up to ${MAX_CONTESTS} contest ids, joined by commas; got ${quoteForMessage(input)}`,
        ),
        v.transform((text) => text.split(',').filter((id) => id !== '')),
      ),
    ),
  },
  'is not a parameter; use contests',
);
