import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import type { LogQuery, Transport } from '../../../store/log/log-store.ts';
import { quote, type Refusal } from '../http/problem.ts';

/** What a log request asks for. `voter` is as the caller wrote it: an id, or a key as the log shows it. */
export interface LogRequest extends Omit<LogQuery, 'voter'> {
  readonly voter?: string;
}

export type ParsedLogRequest =
  | { readonly ok: true; readonly request: LogRequest }
  | { readonly ok: false; readonly refusal: Refusal };

/** What a parameter's text means, or what is wrong with it. */
type Reading<T> = { readonly value: T } | { readonly message: string };

const FILTERS = ['contest', 'choice', 'voter', 'path', 'since', 'until'];
const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1000;
const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
// Printable, and without what URL decoding leaves in the place of bytes that are not UTF-8.
const VOTER = /^[^\p{Cc}\p{Cf}\u2028\u2029\ufffd]+$/u;
const PATHS: readonly Transport[] = ['http', 'grpc', 'connect'];
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * Reads the query of a log request, strictly: a parameter that is unknown, repeated or empty is an error, so that a
 * mistyped filter never shows more than was asked for.
 *
 * @param further parameters that the resource takes beside the filters, as `limit`
 */
export function parseLogRequest(params: URLSearchParams, further: readonly string[]): ParsedLogRequest {
  const errors: { field: string; message: string }[] = [];
  const allowed = [...FILTERS, ...further];
  for (const name of new Set(params.keys())) {
    const shown = name.slice(0, 64);
    if (!allowed.includes(name)) {
      errors.push({ field: shown, message: `No such parameter. Allowed: ${allowed.join(', ')}.` });
    } else if (params.getAll(name).length > 1) errors.push({ field: shown, message: 'Given more than once.' });
    else if (params.get(name) === '') errors.push({ field: shown, message: 'Empty: leave it out instead.' });
  }
  const read = <T>(name: string, reader: (text: string) => Reading<T>): T | undefined => {
    const text = params.get(name);
    if (text === null || text === '' || !allowed.includes(name)) return undefined;
    const reading = reader(text);
    if ('value' in reading) return reading.value;
    errors.push({ field: name, message: reading.message });
    return undefined;
  };

  const request = {
    contest: read('contest', readId),
    choice: read('choice', readId),
    voter: read('voter', readVoter),
    path: read('path', readPath),
    since: read('since', readTime),
    until: read('until', readTime),
    limit: read('limit', readLimit) ?? DEFAULT_LIMIT,
    cursor: read('cursor', readCursor),
  };
  if (request.since !== undefined && request.until !== undefined && request.since >= request.until) {
    errors.push({ field: 'until', message: 'Must be later than since.' });
  }
  if (errors.length > 0) {
    const detail = `The query has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}: ${errors[0]?.field}: ${errors[0]?.message}`;
    return { ok: false, refusal: { code: ErrorCode.INVALID_ARGUMENT, detail, errors } };
  }
  const given = Object.entries(request).filter(([, value]) => value !== undefined);
  return { ok: true, request: Object.fromEntries(given) as unknown as LogRequest };
}

/** Names the value beside the rule: which of several requests it was is seen at once. */
function refuse(text: string, rule: string): { readonly message: string } {
  return { message: `${rule}; it is ${quote(text)}.` };
}

function readId(text: string): Reading<string> {
  if (ID.test(text)) return { value: text };
  return refuse(text, 'Must be 1 to 64 characters a-z, 0-9, ".", "_" and "-", the first a letter or digit');
}

function readVoter(text: string): Reading<string> {
  if (VOTER.test(text) && Buffer.byteLength(text) <= 128) return { value: text };
  return { message: 'Must be 1 to 128 bytes of printable text, or the 22 characters that the log shows.' };
}

function readPath(text: string): Reading<Transport> {
  const value = PATHS.find((path) => path === text);
  return value === undefined ? refuse(text, `Must be one of ${PATHS.join(', ')}`) : { value };
}

function readTime(text: string): Reading<Date> {
  const value = new Date(text);
  if (TIME.test(text) && !Number.isNaN(value.getTime())) return { value };
  return refuse(text, 'Must be an ISO 8601 time with its zone, as 2030-01-31T20:00:00Z (write + as %2B)');
}

function readLimit(text: string): Reading<number> {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= MAX_LIMIT ? { value } : refuse(text, `Must be a whole number from 1 to ${MAX_LIMIT}`);
}

function readCursor(text: string): Reading<string> {
  if (/^[A-Za-z0-9._~:-]{1,512}$/.test(text)) return { value: text };
  return { message: 'Must be the "next" of an earlier page, unchanged.' };
}
