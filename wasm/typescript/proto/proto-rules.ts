import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import {
  CLASS_ID,
  CLASS_VOTE_ID,
  MAX_ATTRIBUTE_KEY_BYTES,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_CHOICE_BYTES,
  MAX_CONTEST_BYTES,
  MAX_SEQUENCE,
  MAX_VOTE_ID_BYTES,
  MAX_VOTER_BYTES,
} from '../../limits.ts';
import {
  FIELD_ATTRIBUTES,
  FIELD_CHOICE,
  FIELD_CONTEST,
  FIELD_NONE,
  FIELD_SEQUENCE,
  FIELD_VOTE_ID,
  FIELD_VOTER,
} from '../../rejection-field.ts';
import { type Key, note, noted, notedAt, noteWithKey, REFUSED, refuse } from '../rejection.ts';
import type { OptionTable } from '../table.ts';
import { classProblem, isPlainVoter, isPrintable, NONE, textProblem, utf8Problem, voterProblem } from '../text.ts';
import { attribute, vote } from '../vote.ts';

/** Notes invalid UTF-8 in a string; the first one noted is kept. */
export function noteUtf8(start: number, length: number): void {
  const problem = utf8Problem(start, length);
  if (problem === NONE) return;
  if (noted() === 0 || start + problem < notedAt()) refuse(ErrorCode.INVALID_UTF8, start + problem, FIELD_NONE);
}

/**
 * Checks a parsed vote in field number order. Returns the record of its option, or 0 with the reason noted.
 * `tooManyAt`: the first attribute past the limit, or REFUSED.
 */
export function checkRules(table: OptionTable, tooManyAt: number): number {
  const record =
    vote.choiceLength === 0 ? 0 : table.find(vote.contest, vote.contestLength, vote.choice, vote.choiceLength);
  // Ids in the table are valid.
  if (!checkFields(record !== 0, tooManyAt)) return 0;
  if (record !== 0) return record;
  if (table.hasContest(vote.contest, vote.contestLength)) {
    note(ErrorCode.UNKNOWN_CHOICE, vote.choiceAt, FIELD_CHOICE);
  } else {
    note(ErrorCode.UNKNOWN_CONTEST, vote.contestAt, FIELD_CONTEST);
  }
  return 0;
}

/** Like `checkRules`, without a table; `idsAreKnown`: contest and choice need no check. False: the reason is noted. */
export function checkFields(idsAreKnown: boolean, tooManyAt: number): boolean {
  if (!idsAreKnown) {
    noteUtf8(vote.contest, vote.contestLength);
    noteUtf8(vote.choice, vote.choiceLength);
  }
  const isPlain = isPrintable(vote.voter, vote.voterLength);
  if (!isPlain) noteUtf8(vote.voter, vote.voterLength);
  if (vote.voteIdLength !== 0) noteUtf8(vote.voteId, vote.voteIdLength);
  if (noted() !== 0) return false;

  if (!idsAreKnown) checkIds();
  if (vote.voterLength > MAX_VOTER_BYTES || !isPlain || !isPlainVoter(vote.voter, vote.voterLength)) checkVoter();
  if (tooManyAt !== REFUSED) note(ErrorCode.TOO_MANY_ATTRIBUTES, tooManyAt, FIELD_ATTRIBUTES);
  if (vote.attributes !== 0) checkAttributes();
  if (vote.voteIdLength !== 0) checkVoteId();
  if (vote.sequence > MAX_SEQUENCE) note(ErrorCode.OUT_OF_RANGE, vote.sequenceAt, FIELD_SEQUENCE);
  return noted() === 0;
}

function checkIds(): void {
  checkId(vote.contest, vote.contestLength, { at: vote.contestAt, max: MAX_CONTEST_BYTES, field: FIELD_CONTEST });
  checkId(vote.choice, vote.choiceLength, { at: vote.choiceAt, max: MAX_CHOICE_BYTES, field: FIELD_CHOICE });
}

function checkId(id: number, length: number, rule: { at: number; max: number; field: number }): void {
  const { at, max, field } = rule;
  if (length === 0) {
    note(ErrorCode.MISSING_FIELD, at >= 0 ? at : vote.endAt, field);
  } else if (length > max) {
    note(ErrorCode.TOO_LONG, at, field);
  } else {
    const problem = classProblem(id, length, CLASS_ID);
    if (problem !== NONE) note(ErrorCode.INVALID_CHARACTER, at + problem, field);
  }
}

function checkVoter(): void {
  if (vote.voterLength === 0) {
    note(ErrorCode.MISSING_FIELD, vote.voterAt >= 0 ? vote.voterAt : vote.endAt, FIELD_VOTER);
  } else if (vote.voterLength > MAX_VOTER_BYTES) {
    note(ErrorCode.TOO_LONG, vote.voter, FIELD_VOTER);
  } else {
    const problem = voterProblem(vote.voter, vote.voterLength);
    if (problem !== NONE) note(ErrorCode.INVALID_CHARACTER, vote.voter + problem, FIELD_VOTER);
  }
}

function checkAttributes(): void {
  for (let at = 0; at < vote.attributes; at++) {
    const pair = attribute(at);
    const key = { start: pair.key, length: pair.keyLength };
    if (key.length === 0) {
      note(ErrorCode.MISSING_FIELD, key.start, FIELD_ATTRIBUTES);
    } else if (key.length > MAX_ATTRIBUTE_KEY_BYTES) {
      note(ErrorCode.TOO_LONG, key.start, FIELD_ATTRIBUTES);
    } else {
      const problem = classProblem(key.start, key.length, CLASS_ID);
      if (problem !== NONE) note(ErrorCode.INVALID_CHARACTER, key.start + problem, FIELD_ATTRIBUTES);
    }
    checkValue({ start: pair.value, length: pair.valueLength }, key);
  }
}

function checkValue({ start, length }: Key, key: Key): void {
  if (length > MAX_ATTRIBUTE_VALUE_BYTES) {
    noteWithKey(ErrorCode.TOO_LONG, start, FIELD_ATTRIBUTES, key);
    return;
  }
  const problem = textProblem(start, length);
  if (problem !== NONE) noteWithKey(ErrorCode.INVALID_CHARACTER, start + problem, FIELD_ATTRIBUTES, key);
}

function checkVoteId(): void {
  if (vote.voteIdLength > MAX_VOTE_ID_BYTES) {
    note(ErrorCode.TOO_LONG, vote.voteId, FIELD_VOTE_ID);
    return;
  }
  const problem = classProblem(vote.voteId, vote.voteIdLength, CLASS_VOTE_ID);
  if (problem !== NONE) note(ErrorCode.INVALID_CHARACTER, vote.voteId + problem, FIELD_VOTE_ID);
}
