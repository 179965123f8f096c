import type { Contest, ContestOption } from './contest.ts';

/** What is wrong with one field of a contest that somebody sent. */
export interface ContestFieldError {
  readonly field: string;
  readonly message: string;
}

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const KEY = /^[a-z0-9][a-z0-9._-]{0,31}$/;
const COLOUR = /^#[0-9a-fA-F]{6}$/;
// No control, no invisible and no bidirectional-override characters.
const TEXT = /^[^\p{Cc}\p{Cf}\u2028\u2029]+$/u;
// Between two characters also the joiners that many emoji are made of, and that Persian is written with.
const TITLE = /^(?:[^\p{Cc}\p{Cf}\u2028\u2029]|(?<=[^\p{Cc}\p{Cf}\s])[\u200c\u200d](?=[^\p{Cc}\p{Cf}\s]))+$/u;
const MAX_OPTIONS = 256;
const FIELDS = ['id', 'title', 'rule', 'options', 'opensAt', 'closesAt', 'hidden'];
const PALETTE = ['#0b7285', '#d9480f', '#2b8a3e', '#862e9c', '#1864ab', '#c92a2a', '#e67700', '#5c940d'];

/**
 * Turns what somebody sent (parsed JSON) into a contest, or into what is wrong with it.
 * Absent: `opensAt`, `closesAt` null, `hidden` false, an option's colour from a palette and its label from its id.
 */
export function parseContest(
  input: unknown,
): { ok: true; contest: Contest } | { ok: false; errors: ContestFieldError[] } {
  const errors: ContestFieldError[] = [];
  const wrong = (field: string, message: string) => errors.push({ field, message });
  if (!isObject(input)) return { ok: false, errors: [{ field: '', message: 'A contest is a JSON object.' }] };

  for (const field of Object.keys(input)) {
    if (!FIELDS.includes(field)) wrong(field, `A contest has no field ${JSON.stringify(field.slice(0, 64))}.`);
  }
  const { id, title, rule, hidden = false } = input;
  if (!matches(id, ID))
    wrong('id', 'An id is 1 to 64 characters a-z, 0-9, ".", "_" and "-", the first a letter or digit.');
  if (!matches(title, TITLE) || title.length > 200) wrong('title', 'A title is 1 to 200 printable characters.');
  if (rule !== 'one-per-voter' && rule !== 'open') wrong('rule', 'The rule is "one-per-voter" or "open".');
  if (typeof hidden !== 'boolean') wrong('hidden', '"hidden" is true or false.');
  const opensAt = parseTime(input.opensAt, 'opensAt', wrong);
  const closesAt = parseTime(input.closesAt, 'closesAt', wrong);
  if (opensAt !== null && closesAt !== null && opensAt >= closesAt)
    wrong('closesAt', 'A contest closes after it opens.');
  const options = parseOptions(input.options, wrong);

  if (errors.length > 0) return { ok: false, errors };
  const contest = { id, title, rule, options, opensAt, closesAt, hidden } as Contest;
  return { ok: true, contest };
}

function parseTime(value: unknown, field: string, wrong: (field: string, message: string) => void): string | null {
  if (value === undefined || value === null) return null;
  const isTime =
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) && /(Z|[+-]\d\d:\d\d)$/.test(value);
  const time = new Date(isTime ? value : Number.NaN);
  // In UTC it may be in a year of more digits, which could not be read again.
  if (!Number.isNaN(time.getTime()) && /^\d{4}-/.test(time.toISOString())) return time.toISOString();
  wrong(field, `"${field}" is an ISO 8601 time with its zone, as 2030-01-31T20:00:00Z, or null.`);
  return null;
}

function parseOptions(value: unknown, wrong: (field: string, message: string) => void): ContestOption[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > MAX_OPTIONS) {
    wrong('options', `A contest has 1 to ${MAX_OPTIONS} options.`);
    return [];
  }
  const seen = new Set<string>();
  return value.map((option: unknown, index) => {
    const field = `options[${index}]`;
    const {
      id,
      label = id,
      colour = PALETTE[index % PALETTE.length],
      attributes = {},
    } = isObject(option) ? option : {};
    if (!matches(id, ID)) wrong(`${field}.id`, 'An id is 1 to 64 characters a-z, 0-9, ".", "_" and "-".');
    else if (seen.has(id)) wrong(`${field}.id`, `Two options have the id "${id}".`);
    else seen.add(id);
    if (!matches(label, TITLE) || label.length > 200)
      wrong(`${field}.label`, 'A label is 1 to 200 printable characters.');
    if (!matches(colour, COLOUR)) wrong(`${field}.colour`, 'A colour is written as #0b7285.');
    const pairs = isObject(attributes) ? Object.entries(attributes) : [];
    if (
      !isObject(attributes) ||
      pairs.length > 8 ||
      !pairs.every(([key, text]) => KEY.test(key) && isAttribute(text))
    ) {
      wrong(`${field}.attributes`, 'Attributes are at most 8 pairs of short keys and texts of at most 128 bytes.');
    }
    return { id, label, colour, attributes } as ContestOption;
  });
}

/** What a vote may carry: the vote page sends an option's attributes along with the vote for it. */
function isAttribute(value: unknown): boolean {
  return typeof value === 'string' && Buffer.byteLength(value) <= 128 && (value === '' || TEXT.test(value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}
