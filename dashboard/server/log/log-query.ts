import * as v from 'valibot';
import { parseCalendarTime } from '../../../config/calendar-time.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { transportSchema } from '../../api/log.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;
const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Printable, and without the character that URL decoding puts in the place of invalid UTF-8. */
const VOTER = /^[^\p{Cc}\p{Cf}\u2028\u2029\ufffd]+$/u;
const REPEATED = 'must be given only once';
const RANGE = 'must be later than since';
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

const id = parameter('must be 1 to 64 of a-z, 0-9, ".", "_" and "-", starting with a letter or digit', (text) =>
  ID.test(text),
);
const time = v.pipe(
  parameter(
    'must be an ISO 8601 time with a time zone, such as 2030-01-31T20:00:00Z (write + as %2B)',
    (text) => TIME.test(text) && parseCalendarTime(text) !== undefined,
  ),
  v.transform((text) => new Date(text)),
);

const filters = {
  contest: v.optional(id),
  choice: v.optional(id),
  voter: v.optional(
    parameter(
      'must be 1 to 128 bytes of printable text, or the 22 characters that the log shows',
      (text) => VOTER.test(text) && Buffer.byteLength(text) <= 128,
    ),
  ),
  path: v.optional(
    v.pipe(
      parameter(`must be one of ${transportSchema.options.join(', ')}`, (text) => v.is(transportSchema, text)),
      transportSchema,
    ),
  ),
  since: v.optional(time),
  until: v.optional(time),
};

/** The query of `/api/logs/events`: filters only. */
export const logTailQuery = v.pipe(
  strict(filters),
  v.forward(
    v.check((query) => isRange(query), RANGE),
    ['until'],
  ),
);

/** The query of `/api/logs/export`. */
export const logExportQuery = v.pipe(
  strict({
    ...filters,
    format: v.picklist(['ndjson', 'csv'], ({ input }) =>
      Array.isArray(input) ? REPEATED : `must be ndjson or csv; got ${quoteForMessage(input)}`,
    ),
  }),
  v.forward(
    v.check((query) => isRange(query), RANGE),
    ['until'],
  ),
);

/** The query of `/api/logs`. */
export const logPageQuery = v.pipe(
  strict({
    ...filters,
    limit: v.pipe(
      v.optional(
        parameter(
          `must be an integer from 1 to ${MAX_LIMIT}`,
          (text) => /^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_LIMIT,
        ),
        `${DEFAULT_LIMIT}`,
      ),
      v.transform(Number),
    ),
    cursor: v.optional(
      parameter('must be the "next" of the page before, unchanged', (text) => /^[A-Za-z0-9._~:-]{1,512}$/.test(text)),
    ),
  }),
  v.forward(
    v.check((query) => isRange(query), RANGE),
    ['until'],
  ),
);

/** The filters of a request; `voter` is as the caller wrote it: an id, or a key as the log shows it. */
export type LogFilters = v.InferOutput<typeof logTailQuery>;

/** A parameter that is given once and follows a rule. The message quotes the rejected value. */
function parameter(rule: string, isValid: (text: string) => boolean) {
  return v.pipe(
    v.string(REPEATED),
    v.check(isValid, ({ input }) => `${rule}; got ${quoteForMessage(input)}`),
  );
}

/** Without a prototype: "constructor" is as unknown as any other name. */
function strict<const T extends v.ObjectEntries>(entries: T) {
  const known = Object.keys(entries).join(', ');
  return v.strictObject(Object.assign(Object.create(null) as object, entries), ({ expected }) =>
    expected === 'never' ? `is not a parameter; use ${known}` : 'must be given',
  );
}

function isRange({ since, until }: { readonly since?: Date | undefined; readonly until?: Date | undefined }): boolean {
  return since === undefined || until === undefined || since < until;
}
