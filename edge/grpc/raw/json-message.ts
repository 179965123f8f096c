import { type DescField, type DescMessage, fromJson, type JsonValue, toBinary } from '@bufbuild/protobuf';
import { isFieldError } from '@bufbuild/protobuf/reflect';
import type { Problem } from '../../../http/problem.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { sequenceJson } from './sequence-json.ts';

/** Strict, because replacing invalid bytes with U+FFFD would merge several voters into one. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Converts a request message from protobuf's JSON to protobuf, for the codec to check. Unknown fields are ignored, as
 * in protobuf. Rejects only what the codec could not detect afterwards: malformed JSON, invalid UTF-8 and wrong types.
 */
export function jsonMessage(schema: DescMessage, json: Uint8Array): Uint8Array | Problem {
  if (json.length === 0) return { code: ErrorCode.EMPTY_BODY, detail: 'The message is empty; send a JSON object' };
  let text: string;
  try {
    text = utf8.decode(json);
  } catch {
    return { code: ErrorCode.INVALID_UTF8, detail: 'Invalid UTF-8 in the message' };
  }
  const value = parseJson(text);
  if (value === undefined) return { code: ErrorCode.MALFORMED_JSON, detail: 'Malformed JSON in the message' };
  try {
    return toBinary(schema, fromJson(schema, value, { ignoreUnknownFields: true }));
  } catch (error) {
    // JSON.stringify writes such escapes for unpaired surrogates only.
    if (/(?<!\\)(?:\\\\)*\\ud[89a-f]/.test(JSON.stringify(value))) return UNPAIRED_SURROGATE;
    return wrongType((error as Error).cause);
  }
}

const UNPAIRED_SURROGATE: Problem = { code: ErrorCode.INVALID_UTF8, detail: 'Unpaired surrogate in the message' };

/** Undefined: malformed. */
function parseJson(text: string): JsonValue | undefined {
  /** The source text of numbers with the key "sequence", by their object. */
  const sources = new Map<object, string>();
  let value: JsonValue;
  try {
    value = JSON.parse(text, function (this: object, key: string, one: unknown, context?: { source?: string }) {
      if (key === 'sequence' && typeof one === 'number') sources.set(this, context?.source ?? `${one}`);
      return one;
    }) as JsonValue;
  } catch {
    return undefined;
  }
  for (const vote of votesOf(value)) {
    if ('sequence' in vote) vote.sequence = sequenceJson(vote.sequence, sources.get(vote));
  }
  return value;
}

type JsonObject = Record<string, JsonValue>;

/** The objects of a request that may be votes: itself, `vote`, and those of `votes`. */
function votesOf(request: JsonValue): JsonObject[] {
  if (!isObject(request)) return [];
  const { vote, votes } = request;
  return [request, vote, ...(Array.isArray(votes) ? votes : [])].filter(isObject);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongType(cause: unknown): Problem {
  const field = isFieldError(cause) ? cause.field() : undefined;
  if (field === undefined || field.kind === 'oneof') {
    return { code: ErrorCode.WRONG_TYPE, detail: 'A message must be one JSON object' };
  }
  const message = `${field.name} must be ${typeOf(field)}`;
  return { code: ErrorCode.WRONG_TYPE, detail: message, errors: [{ field: field.name, message }] };
}

function typeOf(field: DescField): string {
  if (field.fieldKind === 'map') return 'an object of strings';
  if (field.fieldKind === 'list') return 'a list of votes';
  if (field.fieldKind === 'message') return 'an object';
  if (field.name === 'sequence') return 'an integer, or a string of digits';
  return field.name === 'wait' ? 'true or false' : 'a string';
}
