import {
  DUPLICATE_KEY,
  INVALID_CHARACTER,
  MALFORMED_JSON,
  MISSING_FIELD,
  TOO_LONG,
  TOO_MANY_ATTRIBUTES,
  WRONG_TYPE,
} from '../error-code';
import { CLASS_ID, MAX_ATTRIBUTE_KEY_BYTES, MAX_ATTRIBUTE_VALUE_BYTES } from '../limits';
import { FIELD_ATTRIBUTES, FIELD_NONE, note, noteWithKey, refuse, refuseWithKey } from '../rejection';
import { classProblem, NONE } from '../text';
import { Attribute, attributeIsNew, placeAttribute } from '../vote';
import { checkAttributeValue } from './json-rules';
import { placeInInput, readString, theString } from './json-string';
import { skipColon, skipSpace, skipValue } from './json-value';

function malformed(at: usize): usize {
  refuse(MALFORMED_JSON, at, FIELD_NONE);
  return 0;
}

/** Reads the object whose brace is at `p` into the vote's attributes. Returns the position after it, or 0. */
export function readAttributes(p: usize, end: usize): usize {
  p = skipSpace(p + 1, end);
  if (load<u8>(p) === 0x7d) return p + 1;
  while (true) {
    if (load<u8>(p) !== 0x22) return malformed(p);
    const keyAt = p;
    p = readString(p + 1);
    if (p === 0) return 0;
    const key = theString().start;
    const keyLength = theString().length;
    const place = checkKey(key, keyLength, keyAt);
    if (isRepeated) return 0;
    p = skipColon(p, end);
    if (p === 0) return 0;
    p = readAttributeValue(p, end, key, keyLength, place);
    if (p === 0) return 0;
    p = skipSpace(p, end);
    const next = load<u8>(p);
    if (next === 0x7d) return p + 1;
    if (next !== 0x2c) return malformed(p);
    p = skipSpace(p + 1, end);
  }
}

/** The key checked last is a duplicate and is rejected. */
let isRepeated: bool = false;

/** The attribute of the key, or null if the vote already has the maximum number of attributes. */
function checkKey(key: usize, length: usize, at: usize): Attribute | null {
  isRepeated = false;
  if (length === 0 || length > MAX_ATTRIBUTE_KEY_BYTES) {
    note(length === 0 ? MISSING_FIELD : TOO_LONG, at, FIELD_ATTRIBUTES);
    return null;
  }
  const place = placeAttribute(key, length);
  if (place === null) {
    note(TOO_MANY_ATTRIBUTES, at, FIELD_ATTRIBUTES);
    return null;
  }
  if (!attributeIsNew) {
    isRepeated = true;
    refuseWithKey(DUPLICATE_KEY, at, FIELD_ATTRIBUTES, key, length);
    return null;
  }
  place.key = key;
  place.keyLength = length;
  place.valueLength = 0;
  const problem = classProblem(key, length, CLASS_ID);
  if (problem !== NONE) note(INVALID_CHARACTER, placeInInput(at, problem), FIELD_ATTRIBUTES);
  return place;
}

function readAttributeValue(p: usize, end: usize, key: usize, keyLength: usize, place: Attribute | null): usize {
  const at = p;
  if (load<u8>(p) !== 0x22) {
    p = skipValue(p, end, 2);
    if (p !== 0) noteWithKey(WRONG_TYPE, at, FIELD_ATTRIBUTES, key, keyLength);
    return p;
  }
  p = readString(p + 1);
  if (p === 0) return 0;
  const value = theString();
  if (value.length > MAX_ATTRIBUTE_VALUE_BYTES || !value.plain) {
    checkAttributeValue(at, key, keyLength);
  }
  if (place !== null) {
    place.value = value.start;
    place.valueLength = value.length;
  }
  return p;
}
