import { MAX_ATTRIBUTES } from '../limits.ts';
import { byteAt } from './memory.ts';

/** The vote being read: position and length of each string in memory, and its position in the body; -1: absent. */
export const vote = {
  contest: 0,
  contestLength: 0,
  contestAt: -1,
  choice: 0,
  choiceLength: 0,
  choiceAt: -1,
  voter: 0,
  voterLength: 0,
  voterAt: -1,
  voteId: 0,
  voteIdLength: 0,
  sequence: 0,
  sequenceAt: 0,
  attributes: 0,
  /** End of the object or message: the offset reported for absent fields. */
  endAt: 0,
};

export interface Attribute {
  key: number;
  keyLength: number;
  value: number;
  valueLength: number;
}

/** The first `vote.attributes` of these are in use, in the byte order of their keys. */
const attributes: Attribute[] = Array.from({ length: MAX_ATTRIBUTES }, () => ({
  key: 0,
  keyLength: 0,
  value: 0,
  valueLength: 0,
}));

export function attribute(index: number): Attribute {
  return attributes[index] as Attribute;
}

export function clearVote(): void {
  vote.contestAt = -1;
  vote.contestLength = 0;
  vote.choiceAt = -1;
  vote.choiceLength = 0;
  vote.voterAt = -1;
  vote.voterLength = 0;
  vote.voteIdLength = 0;
  vote.sequence = 0;
  vote.attributes = 0;
}

/** Whether the last key looked up was new. */
export const placed = { isNew: false };

/**
 * The attribute with this key, or a new one without a key at its sorted position, or undefined if the vote has the
 * maximum.
 */
export function placeAttribute(key: number, keyLength: number): Attribute | undefined {
  let at = vote.attributes;
  while (at > 0) {
    const before = attribute(at - 1);
    const order = compare(before.key, before.keyLength, key, keyLength);
    if (order < 0) break;
    if (order === 0) {
      placed.isNew = false;
      return before;
    }
    at--;
  }
  if (vote.attributes === MAX_ATTRIBUTES) return undefined;
  const added = attribute(vote.attributes);
  for (let to = vote.attributes; to > at; to--) attributes[to] = attribute(to - 1);
  attributes[at] = added;
  vote.attributes++;
  placed.isNew = true;
  return added;
}

/** Like memcmp; a prefix sorts before longer strings. */
function compare(a: number, aLength: number, b: number, bLength: number): number {
  const common = aLength < bLength ? aLength : bLength;
  for (let at = 0; at < common; at++) {
    const difference = byteAt(a + at) - byteAt(b + at);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
