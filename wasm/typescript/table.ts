import type { VotableContest } from '../votable-contests.ts';
import { memory } from './memory.ts';

/** Header of a record, followed by contest and choice as fields 1 and 2 of a Vote. */
const CONTEST_LENGTH = 0;
const CHOICE_LENGTH = 1;
const OPEN = 2;
const CONTEST = 3;
/** Offset of the two fields in a record. */
export const OPTION_FIELDS = 5;
const RECORD_BYTES = OPTION_FIELDS + 4 + 64 + 64;

/**
 * The contests and their options: a hash table with open addressing over (contest, choice). It also
 * holds each contest with an empty choice, to tell an unknown contest from an unknown option.
 */
export class OptionTable {
  readonly records: Uint8Array;
  readonly partitions: number;
  /** Start of a record, or 0. */
  readonly #slots: Uint32Array;
  readonly #mask: number;
  #end = 1;

  constructor(contests: readonly VotableContest[], partitions: number) {
    const count = contests.reduce((sum, contest) => sum + 1 + contest.options.length, 0);
    let slots = 16;
    while (slots < 2 * count) slots *= 2;
    this.records = new Uint8Array(1 + count * RECORD_BYTES);
    this.#slots = new Uint32Array(slots);
    this.#mask = slots - 1;
    this.partitions = partitions;
    for (const contest of contests) {
      for (const option of ['', ...contest.options]) this.#add(contest, option);
    }
  }

  #add(contest: VotableContest, option: string): void {
    const { records } = this;
    const contestLength = contest.id.length;
    const text = `${contest.id}${option}`;
    // Ids are ASCII; they are copied to the position of a body for the lookup.
    for (let at = 0; at < text.length; at++) memory[at] = text.charCodeAt(at);
    if (this.find(0, contestLength, contestLength, option.length) !== 0) return;
    const record = this.#end;
    records[record + CONTEST_LENGTH] = contestLength;
    records[record + CHOICE_LENGTH] = option.length;
    records[record + OPEN] = contest.open ? 1 : 0;
    records[record + CONTEST] = contest.index & 0xff;
    records[record + CONTEST + 1] = contest.index >> 8;
    const fields = record + OPTION_FIELDS;
    records.set([0x0a, contestLength, ...memory.subarray(0, contestLength)], fields);
    records.set([0x12, option.length, ...memory.subarray(contestLength, text.length)], fields + 2 + contestLength);
    this.#end = fields + 4 + text.length;
    let slot = hashPair(0, contestLength, contestLength, option.length) & this.#mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = record;
  }

  /** The record of the contest and choice at the given positions in memory, or 0. */
  find(contest: number, contestLength: number, choice: number, choiceLength: number): number {
    const records = this.records;
    const slots = this.#slots;
    let slot = hashPair(contest, contestLength, choice, choiceLength) & this.#mask;
    for (;;) {
      const record = slots[slot] as number;
      if (record === 0) return 0;
      if (
        records[record] === contestLength &&
        records[record + CHOICE_LENGTH] === choiceLength &&
        holds(records, record + OPTION_FIELDS + 2, contest, contestLength) &&
        holds(records, record + OPTION_FIELDS + 4 + contestLength, choice, choiceLength)
      ) {
        return record;
      }
      slot = (slot + 1) & this.#mask;
    }
  }

  hasContest(contest: number, length: number): boolean {
    return this.find(contest, length, contest, 0) !== 0;
  }

  isOpen(record: number): boolean {
    return this.records[record + OPEN] !== 0;
  }

  contestIndex(record: number): number {
    return (this.records[record + CONTEST] as number) | ((this.records[record + CONTEST + 1] as number) << 8);
  }

  /** Length of the two fields at OPTION_FIELDS. */
  fieldsLength(record: number): number {
    return 4 + (this.records[record] as number) + (this.records[record + CHOICE_LENGTH] as number);
  }
}

/** Whether `length` bytes at `at` of the records equal those at `p` of memory. */
function holds(records: Uint8Array, at: number, p: number, length: number): boolean {
  const body = memory;
  for (let i = 0; i < length; i++) if (records[at + i] !== body[p + i]) return false;
  return true;
}

function hashPair(contest: number, contestLength: number, choice: number, choiceLength: number): number {
  const hash = mix(mix(contestLength, contest, contestLength), choice, choiceLength);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca77) >>> 7;
}

function mix(start: number, p: number, length: number): number {
  const body = memory;
  let hash = start;
  for (let at = p; at < p + length; at++) hash = ((hash << 5) - hash + (body[at] as number)) | 0;
  return hash;
}
