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
import { rejectedId } from './rejected-id.ts';
import { rejectedCharacter, rejectedNumber, rejectedValue } from './rejected-value.ts';

/** Converts a codec's rejection to a problem that states the position in the body and what is allowed there. */
export function rejectionProblem(rejection: Rejection, body: Uint8Array): Problem {
  const { code, field, offset } = rejection;
  const message = rejectionMessage(rejection, body);
  return { code, detail: message, errors: [{ field: field ?? '', message, offset }] };
}

/** One sentence, also the `message` of a rejected vote in a batch. */
export function rejectionMessage({ code, field, offset }: Rejection, body: Uint8Array): string {
  const name = field ?? 'a field';
  const at = `at byte ${offset}`;
  switch (code) {
    case ErrorCode.EMPTY_BODY:
      return 'The body is empty; send a vote';
    case ErrorCode.MALFORMED_JSON:
      return `Malformed JSON ${at}; a vote is one JSON object in UTF-8 with nothing after it`;
    case ErrorCode.INVALID_UTF8:
      return `Invalid UTF-8 or an unpaired surrogate escape ${at}`;
    case ErrorCode.DUPLICATE_KEY:
      return `Duplicate key "${name}" ${at}`;
    case ErrorCode.NESTED_TOO_DEEP:
      return `Nested too deep ${at}; only attributes may be nested`;
    case ErrorCode.MALFORMED_PROTOBUF:
      return `Malformed protobuf ${at}; it is truncated or a field has the wrong wire type`;
    case ErrorCode.TOO_LARGE:
      return `Too large ${at}; the limit is ${MAX_VOTE_BYTES} bytes for a vote and ${MAX_BATCH_BYTES} for a batch`;
    case ErrorCode.TOO_MANY_VOTES:
      return `The batch holds more than ${MAX_BATCH_VOTES} votes; split it`;
    case ErrorCode.UNKNOWN_FIELD:
      return `Unknown field ${name} ${at}; a vote has contest, choice, voter, attributes, vote_id and sequence`;
    case ErrorCode.MISSING_FIELD:
      return `${name} is missing or empty; ${requirementOf(name)}`;
    case ErrorCode.WRONG_TYPE:
      if (field === undefined) return `A vote must be one JSON object; got ${rejectedValue(body, offset)} ${at}`;
      return `${name} must be ${typeOf(field)}; got ${rejectedValue(body, offset)} ${at}`;
    case ErrorCode.TOO_LONG:
      return `${name} exceeds ${limitOf(field)} bytes of UTF-8 ${at}`;
    case ErrorCode.INVALID_CHARACTER:
      return `${name} must be ${charactersOf(field)}${got(rejectedCharacter(body, offset))} ${at}`;
    case ErrorCode.OUT_OF_RANGE:
      return `${name} must be an integer from 0 to ${MAX_SEQUENCE}${got(rejectedNumber(body, offset))} ${at}`;
    case ErrorCode.TOO_MANY_ATTRIBUTES:
      return `More than ${MAX_ATTRIBUTES} attributes ${at}`;
    case ErrorCode.UNKNOWN_CHOICE:
      return `Unknown choice${quoted(rejectedId(body, offset))}; GET /v1/contests lists the options of each contest`;
    case ErrorCode.UNKNOWN_CONTEST:
      return `Unknown contest${quoted(rejectedId(body, offset))}; GET /v1/contests lists all contests`;
    case ErrorCode.INTERNAL:
      return 'Internal error; the vote was not stored: send it again';
    default:
      return `Invalid vote ${at}`;
  }
}

function quoted(id: string | undefined): string {
  return id === undefined ? '' : ` "${id}"`;
}

function got(value: string | undefined): string {
  return value === undefined ? '' : `; got ${value}`;
}

function requirementOf(field: string): string {
  return field === 'attributes' ? 'attribute keys have 1 to 32 bytes' : 'a vote needs contest, choice and voter';
}

function typeOf(field: string | undefined): string {
  if (field === 'sequence') return 'an integer';
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
    return 'a-z, 0-9, ".", "_" and "-", starting with a letter or digit';
  }
  if (field === 'vote_id') return 'A-Z, a-z, 0-9, ".", "_", ":" and "-"';
  if (field === 'voter') return 'visible characters, starting with no combining mark and without spaces around them';
  return 'visible characters without control characters';
}
