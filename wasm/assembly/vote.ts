import { compare } from './bytes';
import { ATTRIBUTES, VOTE } from './layout';
import { MAX_ATTRIBUTES } from './limits';

/** The vote being read: address and length of each string, and its position in the input for an error's offset. */
@unmanaged
export class Vote {
  contest: usize;
  contestLength: usize;
  contestAt: usize;
  choice: usize;
  choiceLength: usize;
  choiceAt: usize;
  voter: usize;
  voterLength: usize;
  voterAt: usize;
  voteId: usize;
  voteIdLength: usize;
  voteIdAt: usize;
  sequence: u64;
  sequenceAt: usize;
  attributes: u32;
  /** End of the object or message; the offset reported for absent fields. */
  endAt: usize;
}

export function theVote(): Vote {
  return changetype<Vote>(VOTE);
}

@unmanaged
export class Attribute {
  key: usize;
  keyLength: usize;
  keyAt: usize;
  value: usize;
  valueLength: usize;
  valueAt: usize;
}
export const ATTRIBUTE_SIZE: usize = 24;

export function clearVote(): void {
  const vote = theVote();
  vote.contestAt = 0;
  vote.contestLength = 0;
  vote.choiceAt = 0;
  vote.choiceLength = 0;
  vote.voterAt = 0;
  vote.voterLength = 0;
  vote.voteIdLength = 0;
  vote.sequence = 0;
  vote.attributes = 0;
}

export function attribute(index: u32): Attribute {
  return changetype<Attribute>(ATTRIBUTES + <usize>index * ATTRIBUTE_SIZE);
}

/**
 * The attribute with this key, or a new one without a key at its sorted position, or null if the vote has the maximum.
 * Attributes are kept in the byte order of their keys.
 */
export let attributeIsNew: bool = false;

export function placeAttribute(key: usize, keyLength: usize): Attribute | null {
  const vote = theVote();
  let at = vote.attributes;
  while (at > 0) {
    const before = attribute(at - 1);
    const order = compare(before.key, before.keyLength, key, keyLength);
    if (order < 0) break;
    if (order === 0) {
      attributeIsNew = false;
      return before;
    }
    at--;
  }
  if (vote.attributes === MAX_ATTRIBUTES) return null;
  if (at < vote.attributes) {
    const from = ATTRIBUTES + <usize>at * ATTRIBUTE_SIZE;
    memory.copy(from + ATTRIBUTE_SIZE, from, <usize>(vote.attributes - at) * ATTRIBUTE_SIZE);
  }
  vote.attributes++;
  attributeIsNew = true;
  return attribute(at);
}
