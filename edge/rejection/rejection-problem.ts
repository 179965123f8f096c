import type { Problem } from '../../http/problem.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import type { Rejection } from '../../wasm/codec.ts';
import {
  MAX_ATTRIBUTE_KEY_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_ATTRIBUTES,
  MAX_BATCH_BYTES,
  MAX_BATCH_VOTES,
  MAX_CHOICE_BYTES,
  MAX_CONTEST_BYTES,
  MAX_SEQUENCE,
  MAX_VOTE_BYTES,
  MAX_VOTE_ID_BYTES,
  MAX_VOTER_BYTES,
} from '../../wasm/limits.ts';
import { refusedId } from './refused-id.ts';
import { refusedCharacter, refusedNumber, refusedValue } from './refused-value.ts';

/** What a codec refused in `body`, in words: where it stands, what is allowed, and so how to put it right. */
export function rejectionProblem(rejection: Rejection, body: Uint8Array): Problem {
  const { code, field, offset } = rejection;
  const message = rejectionMessage(rejection, body);
  return { code, detail: message, errors: [{ field: field ?? '', message, offset }] };
}

/** One sentence, for the `message` of a vote in a batch as well. */
export function rejectionMessage({ code, field, offset }: Rejection, body: Uint8Array): string {
  const name = field ?? 'a field';
  const byte = `byte ${offset}`;
  switch (code) {
    case ErrorCode.EMPTY_BODY:
      return 'The body is empty: it must hold a vote';
    case ErrorCode.MALFORMED_JSON:
      return `This is not JSON at ${byte}: a vote is one JSON object in UTF-8 with nothing behind it`;
    case ErrorCode.INVALID_UTF8:
      return `${byte} is not UTF-8, or an escape there names half of a surrogate pair`;
    case ErrorCode.DUPLICATE_KEY:
      return `${name} stands a second time at ${byte}: each key may stand once`;
    case ErrorCode.NESTED_TOO_DEEP:
      return `It is nested too deep at ${byte}: a vote has attributes and nothing deeper`;
    case ErrorCode.MALFORMED_PROTOBUF:
      return `This is not protobuf at ${byte}: it is truncated, or a field has the wrong wire type`;
    case ErrorCode.TOO_LARGE:
      return `It is too large at ${byte}: a vote may take ${MAX_VOTE_BYTES} bytes, a batch ${MAX_BATCH_BYTES}`;
    case ErrorCode.TOO_MANY_VOTES:
      return `It holds more than ${MAX_BATCH_VOTES} votes: send them in several batches`;
    case ErrorCode.UNKNOWN_FIELD:
      return `A vote has no field ${name} (${byte}): its fields are contest, choice, voter, attributes, vote_id and sequence`;
    case ErrorCode.MISSING_FIELD:
      return `${name} is missing or empty: a vote needs contest, choice and voter`;
    case ErrorCode.WRONG_TYPE:
      if (field === undefined) return `A vote is one JSON object, not ${refusedValue(body, offset)} (${byte})`;
      return `${name} has a value of the wrong type at ${byte}: it must be ${typeOf(field)}, not ${refusedValue(body, offset)}`;
    case ErrorCode.TOO_LONG:
      return `${name} is too long at ${byte}: it may take ${limitOf(field)} bytes of UTF-8`;
    case ErrorCode.INVALID_CHARACTER:
      return `${name} holds a character at ${byte} that is not allowed: it may hold ${charactersOf(field)}${not(refusedCharacter(body, offset))}`;
    case ErrorCode.OUT_OF_RANGE:
      return `${name} is out of range at ${byte}: it must be a whole number from 0 to ${MAX_SEQUENCE}${not(refusedNumber(body, offset))}`;
    case ErrorCode.TOO_MANY_ATTRIBUTES:
      return `It has more than ${MAX_ATTRIBUTES} attributes (${byte})`;
    case ErrorCode.UNKNOWN_CHOICE:
      return `The contest has no option ${quoted(refusedId(body, offset))}: GET /v1/contests lists them`;
    case ErrorCode.UNKNOWN_CONTEST:
      return `There is no contest ${quoted(refusedId(body, offset))}: GET /v1/contests lists them`;
    case ErrorCode.INTERNAL:
      return 'The codec failed. The vote was not stored: send it again';
    default:
      return `The vote was refused at ${byte}`;
  }
}

function quoted(id: string | undefined): string {
  return id === undefined ? 'of this id' : `"${id}"`;
}

function not(value: string | undefined): string {
  return value === undefined ? '' : `, not ${value}`;
}

function typeOf(field: string | undefined): string {
  if (field === 'sequence') return 'a whole number';
  return field === 'attributes' ? 'an object of strings' : 'a string';
}

function limitOf(field: string | undefined): number {
  if (field === 'contest') return MAX_CONTEST_BYTES;
  if (field === 'choice') return MAX_CHOICE_BYTES;
  if (field === 'voter') return MAX_VOTER_BYTES;
  if (field === 'vote_id') return MAX_VOTE_ID_BYTES;
  return field === 'attributes' ? MAX_ATTRIBUTE_KEY_BYTES : MAX_ATTRIBUTE_VALUE_BYTES;
}

function charactersOf(field: string | undefined): string {
  if (field === 'contest' || field === 'choice' || field === 'attributes') {
    return 'a to z, 0 to 9, `.`, `_` and `-`, and begins with a letter or a digit';
  }
  if (field === 'vote_id') return 'A to Z, a to z, 0 to 9, `.`, `_`, `:` and `-`';
  return 'printable characters, none of them invisible or a control character';
}
