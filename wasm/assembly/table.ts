import { copy, equal, word } from './bytes';

/**
 * The contests and their options: a hash table with open addressing over (contest, choice), filled by `configure`.
 * It also holds each contest with an empty choice, to tell an unknown contest from an unknown option.
 *
 * A slot is the address of a record, or 0. The table comes last in memory, so that it can grow.
 */
@unmanaged
export class Option {
  hash: u32;
  contest: u16;
  /** 1: every vote counts ("open"); 0: one-per-voter. */
  open: u8;
  contestLength: u8;
  choiceLength: u8;
}

/** After a record's header: contest and choice as fields 1 and 2 of a Vote, each with tag, length and bytes. */
export const OPTION_FIELDS: usize = 16;

let slots: usize = 0;
let mask: u32 = 0;
let nextRecord: usize = 0;
let partitionCount: u32 = 1;
/** partitionCount - 1 if that is a bit mask, else 0. */
let partitionMask: u32 = 0;

/** Clears the table and reserves `slotCount` (a power of 2) slots and `recordBytes` of records. */
export function resetTable(slotCount: u32, recordBytes: u32, partitions: u32): void {
  slots = (__heap_base + 63) & ~15;
  nextRecord = slots + ((<usize>slotCount) << 2);
  const end = nextRecord + recordBytes + 64;
  const have = (<usize>memory.size()) << 16;
  if (end > have && memory.grow(<i32>((end - have + 0xffff) >> 16)) < 0) unreachable();
  memory.fill(slots, 0, (<usize>slotCount) << 2);
  mask = slotCount - 1;
  partitionCount = partitions;
  partitionMask = (partitions & (partitions - 1)) === 0 ? partitions - 1 : 0;
}

/** Adds (contest, choice) unless the table has it. Both are at most 64 bytes; an empty choice adds the contest. */
export function addRecord(
  contest: usize,
  contestLength: usize,
  choice: usize,
  choiceLength: usize,
  contestIndex: u32,
  open: u32,
): void {
  if (findOption(contest, contestLength, choice, choiceLength) !== 0) return;
  const record = changetype<Option>(nextRecord);
  record.hash = hashPair(contest, contestLength, choice, choiceLength);
  record.contest = <u16>contestIndex;
  record.open = <u8>open;
  record.contestLength = <u8>contestLength;
  record.choiceLength = <u8>choiceLength;
  const fields = nextRecord + OPTION_FIELDS;
  store<u8>(fields, 0x0a);
  store<u8>(fields + 1, <u8>contestLength);
  copy(fields + 2, contest, contestLength);
  store<u8>(fields + 2 + contestLength, 0x12);
  store<u8>(fields + 3 + contestLength, <u8>choiceLength);
  copy(fields + 4 + contestLength, choice, choiceLength);
  let slot = record.hash & mask;
  while (load<usize>(slots + ((<usize>slot) << 2)) !== 0) slot = (slot + 1) & mask;
  store<usize>(slots + ((<usize>slot) << 2), nextRecord);
  nextRecord = (fields + 4 + contestLength + choiceLength + 7) & ~7;
}

/** Maximum size of a record. */
export const RECORD_BYTES: u32 = 16 + 4 + 64 + 64 + 16;

/** The record of (contest, choice), or 0. */
export function findOption(contest: usize, contestLength: usize, choice: usize, choiceLength: usize): usize {
  const hash = hashPair(contest, contestLength, choice, choiceLength);
  let slot = hash & mask;
  while (true) {
    const found = load<usize>(slots + ((<usize>slot) << 2));
    if (found === 0) return 0;
    const record = changetype<Option>(found);
    if (
      record.hash === hash &&
      <usize>record.contestLength === contestLength &&
      <usize>record.choiceLength === choiceLength &&
      equal(found + OPTION_FIELDS + 2, contest, contestLength) &&
      equal(found + OPTION_FIELDS + 4 + contestLength, choice, choiceLength)
    ) {
      return found;
    }
    slot = (slot + 1) & mask;
  }
}

export function hasContest(contest: usize, length: usize): bool {
  return findOption(contest, length, contest, 0) !== 0;
}

/** The partition of a hash: hash mod partitions. */
export function partitionOf(hash: u32): u32 {
  return partitionMask !== 0 ? hash & partitionMask : hash % partitionCount;
}

function hashPair(contest: usize, contestLength: usize, choice: usize, choiceLength: usize): u32 {
  const hash = mix(mix(0, contest, contestLength), choice, choiceLength);
  return <u32>(hash >> 32);
}

function mix(hash: u64, p: usize, length: usize): u64 {
  hash += <u64>length;
  while (length > 8) {
    hash = step(hash, load<u64>(p));
    p += 8;
    length -= 8;
  }
  return length === 0 ? hash : step(hash, word(p, length));
}

function step(hash: u64, input: u64): u64 {
  hash = (hash ^ input) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 29);
}
