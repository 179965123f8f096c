import {
  MAX_ATTRIBUTE_KEY_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_ATTRIBUTES,
  MAX_CHOICE_BYTES,
  MAX_CONTEST_BYTES,
  MAX_SEQUENCE,
  MAX_VOTE_ID_BYTES,
  MAX_VOTER_BYTES,
  VOTER_PATTERN,
} from '../../../wasm/limits.ts';
import { MAX_LISTED_REJECTIONS } from '../../vote/ingress.ts';

export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const text = (maxLength: number, minLength = 0) => ({ type: 'string', minLength, maxLength });
/** Ids of contests and options. The characters are ASCII, so lengths are bytes. */
const id = (maxLength: number) => ({ ...text(maxLength, 1), pattern: '^[a-z0-9][a-z0-9._-]*$' });
const count = { type: 'integer', minimum: 0 };
const time = { type: ['string', 'null'], format: 'date-time' };
const status = { enum: ['scheduled', 'open', 'paused', 'closed'] };
const object = (properties: object, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
});

const sequence = {
  description:
    "A number with the value of an integer, or a string of up to 16 digits; at most the server's time in microseconds plus an hour",
  anyOf: [
    { ...count, maximum: MAX_SEQUENCE },
    { type: 'string', pattern: `^(?:${digitsUpTo(MAX_SEQUENCE)})$` },
  ],
};

/** A regular expression for strings of 1 to 16 digits whose value is at most `max`, which has 16 digits. */
function digitsUpTo(max: number): string {
  const digits = `${max}`;
  // A prefix of the limit's digits, then a smaller digit, then any digits.
  const smaller = [...digits].flatMap((digit, at) => {
    if (digit === '0') return [];
    const less = digit === '1' ? '0' : `[0-${Number(digit) - 1}]`;
    const rest = digits.length - at - 1;
    return [`${digits.slice(0, at)}${less}${rest === 0 ? '' : `[0-9]{${rest}}`}`];
  });
  return [`[0-9]{1,${digits.length - 1}}`, ...smaller, digits].join('|');
}

const option = object({
  id: id(MAX_CHOICE_BYTES),
  label: { type: 'string' },
  colour: { type: 'string' },
  attributes: { type: 'object', additionalProperties: { type: 'string' } },
});
const optionCount = object({ id: id(MAX_CHOICE_BYTES), label: { type: 'string' }, count });
const fieldError = object({ field: { type: 'string' }, message: { type: 'string' }, offset: count }, [
  'field',
  'message',
]);

/** The schemas of `/openapi.json`, by name. */
export const openApiSchemas = {
  Vote: {
    ...object(
      {
        contest: id(MAX_CONTEST_BYTES),
        choice: id(MAX_CHOICE_BYTES),
        voter: {
          ...text(MAX_VOTER_BYTES, 1),
          pattern: VOTER_PATTERN,
          description: `At most ${MAX_VOTER_BYTES} bytes of UTF-8, without invisible characters`,
        },
        attributes: {
          type: 'object',
          maxProperties: MAX_ATTRIBUTES,
          propertyNames: id(MAX_ATTRIBUTE_KEY_BYTES),
          additionalProperties: {
            ...text(MAX_ATTRIBUTE_VALUE_BYTES),
            description: `At most ${MAX_ATTRIBUTE_VALUE_BYTES} bytes of UTF-8, without control characters`,
          },
        },
        vote_id: { ...text(MAX_VOTE_ID_BYTES), pattern: '^[A-Za-z0-9._:-]*$' },
        sequence,
      },
      ['contest', 'choice', 'voter'],
    ),
    additionalProperties: false,
  },
  Receipt: object(
    {
      receipt: { type: 'string' },
      status: { enum: ['queued', 'counted', 'superseded', 'duplicate', 'late', 'dead'] },
      edge: { type: 'string', description: 'The edge that accepted the vote; only when a receipt is queried' },
      consumer: { type: 'string', description: 'The consumer that processed the vote, as long as it is known' },
      results: ref('Results'),
    },
    ['receipt', 'status'],
  ),
  Batch: object(
    {
      accepted: count,
      rejected: { type: 'array', maxItems: MAX_LISTED_REJECTIONS, items: ref('Rejected') },
      omitted: count,
    },
    ['accepted', 'rejected'],
  ),
  Outcomes: object({
    accepted: count,
    outcomes: { type: 'array', items: { anyOf: [ref('Receipt'), ref('Problem')] } },
  }),
  Rejected: object({ index: count, code: { type: 'string' }, message: { type: 'string' } }),
  Contest: object(
    {
      id: id(MAX_CONTEST_BYTES),
      title: { type: 'string' },
      rule: { enum: ['one-per-voter', 'open'] },
      status,
      options: { type: 'array', minItems: 1, items: option },
      opensAt: time,
      closesAt: time,
      hidden: { type: 'boolean' },
      browsersOnly: { type: 'boolean' },
    },
    ['id', 'title', 'rule', 'status', 'options', 'opensAt', 'closesAt', 'hidden'],
  ),
  Results: object({
    contest: id(MAX_CONTEST_BYTES),
    status,
    version: count,
    total: count,
    voters: count,
    changed: count,
    countedUpTo: time,
    options: { type: 'array', items: optionCount },
  }),
  LiveCounts: object(
    {
      status,
      results: { enum: ['shown', 'hidden', 'away', 'gone'] },
      total: count,
      counts: { type: 'array', items: count },
    },
    ['results'],
  ),
  Problem: object(
    {
      type: { type: 'string' },
      title: { type: 'string' },
      status: count,
      code: { type: 'string' },
      detail: { type: 'string' },
      errors: { type: 'array', items: fieldError },
    },
    ['type', 'title', 'status', 'code', 'detail'],
  ),
};
