import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import {
  CLASS_ID,
  CLASS_VOTE_ID,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_CHOICE_BYTES,
  MAX_CONTEST_BYTES,
  MAX_VOTE_ID_BYTES,
  MAX_VOTER_BYTES,
} from '../../limits.ts';
import { FIELD_ATTRIBUTES, FIELD_CHOICE, FIELD_CONTEST, FIELD_VOTE_ID, FIELD_VOTER } from '../../rejection-field.ts';
import { type Key, note, noted, notedAt, noteWithKey, refuse } from '../rejection.ts';
import type { OptionTable } from '../table.ts';
import { classProblem, NONE, textProblem, voterProblem } from '../text.ts';
import { vote } from '../vote.ts';
import { placeInBody, string } from './json-string.ts';

/** Checks the last string read, whose opening quote is at `at`, as the value of an attribute. */
export function checkAttributeValue(at: number, key: Key): void {
  if (string.length > MAX_ATTRIBUTE_VALUE_BYTES) {
    noteWithKey(ErrorCode.TOO_LONG, at, FIELD_ATTRIBUTES, key);
    return;
  }
  const problem = textProblem(string.start, string.length);
  if (problem !== NONE) noteWithKey(ErrorCode.INVALID_CHARACTER, placeInBody(at, problem), FIELD_ATTRIBUTES, key);
}

/** Checks the last string read, whose opening quote is at `at`, as a voter. */
export function checkVoter(at: number): void {
  const { start, length } = string;
  if (length === 0) {
    note(ErrorCode.MISSING_FIELD, at, FIELD_VOTER);
  } else if (length > MAX_VOTER_BYTES) {
    note(ErrorCode.TOO_LONG, at, FIELD_VOTER);
  } else {
    const problem = voterProblem(start, length);
    if (problem !== NONE) note(ErrorCode.INVALID_CHARACTER, placeInBody(at, problem), FIELD_VOTER);
  }
}

export function checkVoteId(at: number): void {
  if (string.length > MAX_VOTE_ID_BYTES) {
    note(ErrorCode.TOO_LONG, at, FIELD_VOTE_ID);
    return;
  }
  const problem = classProblem(string.start, string.length, CLASS_VOTE_ID);
  if (problem !== NONE) note(ErrorCode.INVALID_CHARACTER, placeInBody(at, problem), FIELD_VOTE_ID);
}

/** Notes why the vote's option is not in the table, or the problem that comes first in the body. */
export function resolveIds(table: OptionTable): void {
  if (vote.contestAt >= 0) {
    checkId(vote.contest, vote.contestLength, { at: vote.contestAt, max: MAX_CONTEST_BYTES, field: FIELD_CONTEST });
  }
  if (vote.choiceAt >= 0) {
    checkId(vote.choice, vote.choiceLength, { at: vote.choiceAt, max: MAX_CHOICE_BYTES, field: FIELD_CHOICE });
  }
  if (noted() !== 0) return;
  if (vote.contestAt < 0) note(ErrorCode.MISSING_FIELD, vote.endAt, FIELD_CONTEST);
  else if (vote.choiceAt < 0) note(ErrorCode.MISSING_FIELD, vote.endAt, FIELD_CHOICE);
  else if (vote.voterAt < 0) note(ErrorCode.MISSING_FIELD, vote.endAt, FIELD_VOTER);
  else if (!table.hasContest(vote.contest, vote.contestLength)) {
    note(ErrorCode.UNKNOWN_CONTEST, vote.contestAt, FIELD_CONTEST);
  } else note(ErrorCode.UNKNOWN_CHOICE, vote.choiceAt, FIELD_CHOICE);
}

function checkId(id: number, length: number, rule: { at: number; max: number; field: number }): void {
  const { at, max, field } = rule;
  // A problem noted earlier may come after this one in the input.
  if (noted() !== 0 && notedAt() < at) return;
  if (length === 0) {
    refuse(ErrorCode.MISSING_FIELD, at, field);
  } else if (length > max) {
    refuse(ErrorCode.TOO_LONG, at, field);
  } else {
    const problem = classProblem(id, length, CLASS_ID);
    if (problem !== NONE) refuse(ErrorCode.INVALID_CHARACTER, placeInBody(at, problem), field);
  }
}
