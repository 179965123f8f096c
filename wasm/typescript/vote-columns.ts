import { attribute, vote } from './vote.ts';

const FIRST_CAPACITY = 512;

/** Parsed votes by column: start and end of each string in the entry. Grows as needed and is reused. */
export class VoteColumns {
  count = 0;
  voterStarts = new Uint32Array(FIRST_CAPACITY);
  voterEnds = new Uint32Array(FIRST_CAPACITY);
  voteIdStarts = new Uint32Array(FIRST_CAPACITY);
  voteIdEnds = new Uint32Array(FIRST_CAPACITY);
  sequences = new Float64Array(FIRST_CAPACITY);
  /** End of vote i's positions in attributePlaces; they start at the end of the previous vote's. */
  attributeEnds = new Uint32Array(FIRST_CAPACITY);
  /** Four numbers per attribute: start and end of key and value. */
  attributePlaces: number[] = [];

  clear(): void {
    this.count = 0;
    this.attributePlaces.length = 0;
  }

  /** Adds the last vote read. */
  add(): void {
    const at = this.count++;
    if (at === this.sequences.length) this.#grow();
    this.voterStarts[at] = vote.voter;
    this.voterEnds[at] = vote.voter + vote.voterLength;
    this.voteIdStarts[at] = vote.voteId;
    this.voteIdEnds[at] = vote.voteId + vote.voteIdLength;
    this.sequences[at] = vote.sequence;
    for (let pair = 0; pair < vote.attributes; pair++) {
      const { key, keyLength, value, valueLength } = attribute(pair);
      this.attributePlaces.push(key, key + keyLength, value, value + valueLength);
    }
    this.attributeEnds[at] = this.attributePlaces.length;
  }

  #grow(): void {
    this.voterStarts = doubled(this.voterStarts);
    this.voterEnds = doubled(this.voterEnds);
    this.voteIdStarts = doubled(this.voteIdStarts);
    this.voteIdEnds = doubled(this.voteIdEnds);
    this.attributeEnds = doubled(this.attributeEnds);
    const sequences = new Float64Array(2 * this.sequences.length);
    sequences.set(this.sequences);
    this.sequences = sequences;
  }
}

function doubled(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(2 * column.length);
  longer.set(column);
  return longer;
}
