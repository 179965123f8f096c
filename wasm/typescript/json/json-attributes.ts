import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { CLASS_ID, MAX_ATTRIBUTE_KEY_BYTES, MAX_ATTRIBUTE_VALUE_BYTES } from '../../limits.ts';
import { FIELD_ATTRIBUTES } from '../../rejection-field.ts';
import { byteAt } from '../memory.ts';
import { type Key, note, noteWithKey, REFUSED, refuseWithKey } from '../rejection.ts';
import { classProblem, NONE } from '../text.ts';
import { type Attribute, placeAttribute, placed } from '../vote.ts';
import { checkAttributeValue } from './json-rules.ts';
import { placeInBody, readString, string } from './json-string.ts';
import { malformed, skipColon, skipSpace, skipValue } from './json-value.ts';

/** Reads the object whose brace is at `start` into the vote's attributes. Returns the position after it, or REFUSED. */
export function readAttributes(start: number, end: number): number {
  let p = skipSpace(start + 1, end);
  if (byteAt(p) === 0x7d) return p + 1;
  for (;;) {
    if (byteAt(p) !== 0x22) return malformed(p);
    const keyAt = p;
    p = readString(p + 1);
    if (p === REFUSED) return REFUSED;
    const key = { start: string.start, length: string.length };
    const place = checkKey(key, keyAt);
    if (place === 'repeated') return REFUSED;
    p = skipColon(p, end);
    if (p === REFUSED) return REFUSED;
    p = readAttributeValue(p, end, key, place);
    if (p === REFUSED) return REFUSED;
    p = skipSpace(p, end);
    const next = byteAt(p);
    if (next === 0x7d) return p + 1;
    if (next !== 0x2c) return malformed(p);
    p = skipSpace(p + 1, end);
  }
}

/** The attribute of the key, or undefined if the vote already has the maximum number of attributes. */
function checkKey(key: Key, at: number): Attribute | undefined | 'repeated' {
  const { start, length } = key;
  if (length === 0 || length > MAX_ATTRIBUTE_KEY_BYTES) {
    note(length === 0 ? ErrorCode.MISSING_FIELD : ErrorCode.TOO_LONG, at, FIELD_ATTRIBUTES);
    return undefined;
  }
  const place = placeAttribute(start, length);
  if (place === undefined) {
    note(ErrorCode.TOO_MANY_ATTRIBUTES, at, FIELD_ATTRIBUTES);
    return undefined;
  }
  if (!placed.isNew) {
    refuseWithKey(ErrorCode.DUPLICATE_KEY, at, FIELD_ATTRIBUTES, key);
    return 'repeated';
  }
  place.key = start;
  place.keyLength = length;
  place.valueLength = 0;
  const problem = classProblem(start, length, CLASS_ID);
  if (problem !== NONE) note(ErrorCode.INVALID_CHARACTER, placeInBody(at, problem), FIELD_ATTRIBUTES);
  return place;
}

function readAttributeValue(at: number, end: number, key: Key, place: Attribute | undefined): number {
  if (byteAt(at) !== 0x22) {
    const next = skipValue(at, end, 2);
    if (next !== REFUSED) noteWithKey(ErrorCode.WRONG_TYPE, at, FIELD_ATTRIBUTES, key);
    return next;
  }
  const next = readString(at + 1);
  if (next === REFUSED) return REFUSED;
  if (string.length > MAX_ATTRIBUTE_VALUE_BYTES || !string.plain) {
    checkAttributeValue(at, key);
  }
  if (place !== undefined) {
    place.value = string.start;
    place.valueLength = string.length;
  }
  return next;
}
