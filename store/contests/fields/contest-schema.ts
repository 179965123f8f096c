import * as v from 'valibot';
import { parseCalendarTime } from '../../../config/calendar-time.ts';
import type { Contest } from '../contest.ts';

const MAX_OPTIONS = 256;
const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const ATTRIBUTE_KEY = /^[a-z0-9][a-z0-9._-]{0,31}$/;
const COLOR = /^#[0-9a-fA-F]{6}$/;
// No control, invisible or bidirectional-override characters.
const ATTRIBUTE_TEXT = /^[^\p{Cc}\p{Cf}\u2028\u2029]*$/u;
// Joiners are allowed between two visible characters: many emoji and Persian words need them.
const TITLE = /^(?:\p{Zs}|[^\p{Cc}\p{Cf}\s](?:[\u200c\u200d][^\p{Cc}\p{Cf}\s])*)+$/u;
// The part of TITLE that goes into the OpenAPI document: many of its consumers do not support Unicode properties.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this rejects
const NO_CONTROLS = /^[^\x00-\x1f\x7f-\x9f]+$/;
const PALETTE = ['#0b7285', '#d9480f', '#2b8a3e', '#862e9c', '#1864ab', '#c92a2a', '#e67700', '#5c940d'];

const idRule = 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-", starting with a letter or digit';
const timeRule = 'must be an ISO 8601 time with a time zone, such as 2030-01-31T20:00:00Z, or null';
const optionsRule = must('options', `must be a list of 1 to ${MAX_OPTIONS} options`);

/**
 * The attributes of an option are those of votes for it, so the limits of a vote's attributes apply. This is a
 * predicate because `v.record` accepts arrays and silently drops the key "constructor".
 */
export const attributesSchema = v.custom<Record<string, string>>(
  isAttributes,
  'attributes must be an object of at most 8 texts of up to 128 bytes, under keys of 1 to 32 of a-z, 0-9, ".", "_" and "-".',
);

export const optionSchema = v.strictObject(
  {
    id: text('id', ID, idRule),
    label: v.optional(title('label')),
    colour: v.optional(text('colour', COLOR, 'must be a hex color such as #0b7285')),
    attributes: v.optional(attributesSchema, {}),
  },
  objectMessage('An option', ['id', 'label', 'colour', 'attributes']),
);

const contestEntries = {
  id: text('id', ID, idRule),
  title: title('title'),
  rule: v.picklist(['one-per-voter', 'open'], must('rule', 'must be "one-per-voter" or "open"')),
  options: v.pipe(
    v.array(optionSchema, optionsRule),
    v.minLength(1, optionsRule),
    v.maxLength(MAX_OPTIONS, ({ received }) => `options must be at most ${MAX_OPTIONS}; got ${received}.`),
    v.checkItems(
      ({ id }, index, options) => options.findIndex((option) => option.id === id) === index,
      ({ input }) => `Duplicate option id ${quoted(input.id)}.`,
    ),
    v.transform((options) =>
      options.map(({ id, label, colour, attributes }, index) => ({
        id,
        label: label ?? id,
        colour: colour ?? PALETTE[index % PALETTE.length] ?? '',
        attributes,
      })),
    ),
  ),
  opensAt: time('opensAt'),
  closesAt: time('closesAt'),
  hidden: v.optional(v.boolean(must('hidden', 'must be true or false')), false),
  browsersOnly: v.exactOptional(v.boolean(must('browsersOnly', 'must be true or false'))),
};

/**
 * A contest as clients send it. Defaults: `opensAt` and `closesAt` are null, `hidden` is false; an option's label is
 * its id, its color comes from a palette, and it has no attributes.
 */
export const contestSchema = v.pipe(
  v.strictObject(contestEntries, objectMessage('A contest', Object.keys(contestEntries))),
  v.forward(
    v.partialCheck(
      [['opensAt'], ['closesAt']],
      ({ opensAt, closesAt }) => opensAt === null || closesAt === null || Date.parse(opensAt) < Date.parse(closesAt),
      'closesAt must be later than opensAt.',
    ),
    ['closesAt'],
  ),
);

/** A contest as Redis stores it. Unknown fields, which a newer version may have added, are dropped. */
export const storedContestSchema = v.object({
  ...contestEntries,
  countsFrom: v.exactOptional(v.pipe(v.string(), v.isoTimestamp())),
  pauses: v.exactOptional(
    v.array(
      v.object({
        from: v.pipe(v.string(), v.isoTimestamp()),
        to: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
      }),
    ),
  ),
}) satisfies v.GenericSchema<unknown, Contest>;

function title(name: string) {
  const rule = 'must be 1 to 200 printable characters';
  return v.pipe(
    text(name, NO_CONTROLS, rule, 200),
    // A value that breaks both rules gets one message.
    v.check((value) => !NO_CONTROLS.test(value) || TITLE.test(value), must(name, rule)),
  );
}

function text(name: string, pattern: RegExp, rule: string, maxLength = 64) {
  const message = must(name, rule);
  return v.pipe(v.string(message), v.maxLength(maxLength, message), v.regex(pattern, message));
}

/** Converted to UTC, so that all times of contests have one form. */
function time(name: string) {
  const message = must(name, timeRule);
  return v.optional(
    v.nullable(
      v.pipe(
        v.string(message),
        v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/, message),
        v.check(isTime, message),
        v.transform((value) => new Date(value).toISOString()),
      ),
    ),
    null,
  );
}

function isTime(value: string): boolean {
  const date = parseCalendarTime(value);
  // Conversion to UTC may result in a year of more than four digits, which the pattern rejects when it is read back.
  return date !== undefined && /^\d{4}-/.test(date.toISOString());
}

function isAttributes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const pairs = Object.entries(value);
  const isText = (text: unknown) =>
    typeof text === 'string' && Buffer.byteLength(text) <= 128 && ATTRIBUTE_TEXT.test(text);
  return pairs.length <= 8 && pairs.every(([key, text]) => ATTRIBUTE_KEY.test(key) && isText(text));
}

/** `<field> <rule>; got <value>.` */
function must(name: string, rule: string) {
  return ({ input }: { readonly input: unknown }) => `${name} ${rule}; got ${quoted(input)}.`;
}

/** The message for a value that is not an object, lacks a field, or has an unknown field. */
function objectMessage(what: string, fields: readonly string[]) {
  return ({ expected, input }: { readonly expected: string | null; readonly input: unknown }) => {
    if (expected === 'Object') return `${what} must be a JSON object; got ${quoted(input)}.`;
    if (expected !== 'never') return `${what} must have the field ${expected}.`;
    return `${what} has no field ${quoted(input)}. Its fields are ${fields.join(', ')}.`;
  };
}

function quoted(value: unknown): string {
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 64 ? `${json.slice(0, 64)}…` : json;
}
