import { MAX_ATTRIBUTES } from '../limits.ts';
import { byteAt } from './memory.ts';

/** The vote being read: each string as place and length in memory, and where it stands in the body; -1: absent. */
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
  /** Where the object or message ends: the place of what is absent. */
  endAt: 0,
};

export interface Attribute {
  key: number;
  keyLength: number;
  value: number;
  valueLength: number;
}

/** The first `vote.attributes` of these, in the order of their keys' bytes. */
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

/** Where the key found or made last was new. */
export const placed = { isNew: false };

/**
 * The place of a key among the attributes: the one that has it, or a new one whose key is not set yet, or undefined
 * where there are as many as may be.
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

/** As memcmp, and a prefix comes before what it begins. */
function compare(a: number, aLength: number, b: number, bLength: number): number {
  const common = aLength < bLength ? aLength : bLength;
  for (let at = 0; at < common; at++) {
    const difference = byteAt(a + at) - byteAt(b + at);
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
