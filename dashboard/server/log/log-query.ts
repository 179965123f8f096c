import * as v from 'valibot';
import { parseCalendarTime } from '../../../config/calendar-time.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { transportSchema } from '../../api/log.ts';

const DEFAULT_LIMIT = 20;
const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Printable text without U+FFFD, which URL decoding substitutes for invalid UTF-8. */
const VOTER = /^[^\p{Cc}\p{Cf}\u2028\u2029\ufffd]+$/u;
/** The pattern in the OpenAPI document: weaker, because many OpenAPI tools do not support Unicode properties. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern rejects control characters
const NO_CONTROLS = /^[^\x00-\x1f\x7f-\x9f\ufffd]+$/;
const VOTER_RULE = 'must be 1 to 128 bytes of printable text, or the 22 characters that the log shows';
const REPEATED = 'must be given only once';
const RANGE = 'must be later than since';
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/** For the OpenAPI document only; the check that follows decides, and accepts more forms. */
const DATE_TIME = {
  ...v.isoTimestamp<string>(),
  '~run': (dataset: unknown) => dataset,
} as v.IsoTimestampAction<string, undefined>;

const id = parameter('must be 1 to 64 of a-z, 0-9, ".", "_" and "-", starting with a letter or digit', ID);
const time = v.pipe(
  v.string(REPEATED),
  DATE_TIME,
  v.check(
    (text) => TIME.test(text) && parseCalendarTime(text) !== undefined,
    got('must be an ISO 8601 time with a time zone, such as 2030-01-31T20:00:00Z (write + as %2B)'),
  ),
  v.transform((text) => new Date(text)),
);

const filters = {
  contest: v.optional(id),
  choice: v.optional(id),
  voter: v.optional(
    v.pipe(
      parameter(VOTER_RULE, NO_CONTROLS),
      // A value that breaks both rules gets one message.
      v.check(
        (text) => !NO_CONTROLS.test(text) || (VOTER.test(text) && Buffer.byteLength(text) <= 128),
        got(VOTER_RULE),
      ),
    ),
  ),
  path: v.optional(
    v.picklist(transportSchema.options, ({ input }) =>
      Array.isArray(input)
        ? REPEATED
        : `must be one of ${transportSchema.options.join(', ')}; got ${quoteForMessage(input)}`,
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
      v.optional(parameter('must be an integer from 1 to 1000', /^(?:[1-9][0-9]{0,2}|1000)$/), `${DEFAULT_LIMIT}`),
      v.transform(Number),
    ),
    cursor: v.optional(parameter('must be the "next" of the previous page, unchanged', /^[A-Za-z0-9._~:-]{1,512}$/)),
  }),
  v.forward(
    v.check((query) => isRange(query), RANGE),
    ['until'],
  ),
);

/** The filters of a request; `voter` is unresolved: a voter id, or a key as the log shows it. */
export type LogFilters = v.InferOutput<typeof logTailQuery>;

/** A parameter that is given once and follows a rule. The message quotes the rejected value. */
function parameter(rule: string, pattern: RegExp) {
  return v.pipe(v.string(REPEATED), v.regex(pattern, got(rule)));
}

function got(rule: string) {
  return ({ input }: { readonly input: string }) => `${rule}; got ${quoteForMessage(input)}`;
}

/** Without a prototype, so that "constructor" is as unknown as any other name. */
function strict<const T extends v.ObjectEntries>(entries: T) {
  const known = Object.keys(entries).join(', ');
  return v.strictObject(Object.assign(Object.create(null) as object, entries), ({ expected }) =>
    expected === 'never' ? `is not a parameter; use ${known}` : 'must be given',
  );
}

function isRange({ since, until }: { readonly since?: Date | undefined; readonly until?: Date | undefined }): boolean {
  return since === undefined || until === undefined || since < until;
}
