import { INVALID_CHARACTER, MISSING_FIELD, TOO_LONG, UNKNOWN_CHOICE, UNKNOWN_CONTEST } from '../error-code';
import {
  CLASS_ID,
  CLASS_VOTE_ID,
  MAX_ATTRIBUTE_VALUE_BYTES,
  MAX_CHOICE_BYTES,
  MAX_CONTEST_BYTES,
  MAX_VOTE_ID_BYTES,
  MAX_VOTER_BYTES,
} from '../limits';
import {
  FIELD_ATTRIBUTES,
  FIELD_CHOICE,
  FIELD_CONTEST,
  FIELD_VOTE_ID,
  FIELD_VOTER,
  note,
  noted,
  notedAt,
  noteWithKey,
  refuse,
} from '../rejection';
import { hasContest } from '../table';
import { classProblem, NONE, textProblem, voterProblem } from '../text';
import { theVote } from '../vote';
import { placeInInput, theString } from './json-string';

/** Checks the last string read, whose opening quote is at `at`, as the value of an attribute. */
export function checkAttributeValue(at: usize, key: usize, keyLength: usize): void {
  const string = theString();
  if (string.length > MAX_ATTRIBUTE_VALUE_BYTES) {
    noteWithKey(TOO_LONG, at, FIELD_ATTRIBUTES, key, keyLength);
    return;
  }
  const problem = textProblem(string.start, string.length);
  if (problem !== NONE) noteWithKey(INVALID_CHARACTER, placeInInput(at, problem), FIELD_ATTRIBUTES, key, keyLength);
}

/** Checks the last string read, whose opening quote is at `at`, as a voter. */
export function checkVoter(at: usize): void {
  const string = theString();
  if (string.length === 0) {
    note(MISSING_FIELD, at, FIELD_VOTER);
  } else if (string.length > MAX_VOTER_BYTES) {
    note(TOO_LONG, at, FIELD_VOTER);
  } else {
    const problem = voterProblem(string.start, string.length);
    if (problem !== NONE) note(INVALID_CHARACTER, placeInInput(at, problem), FIELD_VOTER);
  }
}

export function checkVoteId(at: usize): void {
  const string = theString();
  if (string.length > MAX_VOTE_ID_BYTES) {
    note(TOO_LONG, at, FIELD_VOTE_ID);
    return;
  }
  const problem = classProblem(string.start, string.length, CLASS_VOTE_ID);
  if (problem !== NONE) note(INVALID_CHARACTER, placeInInput(at, problem), FIELD_VOTE_ID);
}

/**
 * Notes why the vote's option is not in the table, or the problem that comes first in the input. Always returns 0, for
 * the caller to return.
 */
export function resolveIds(): usize {
  const vote = theVote();
  if (vote.contestAt !== 0) checkId(vote.contest, vote.contestLength, vote.contestAt, MAX_CONTEST_BYTES, FIELD_CONTEST);
  if (vote.choiceAt !== 0) checkId(vote.choice, vote.choiceLength, vote.choiceAt, MAX_CHOICE_BYTES, FIELD_CHOICE);
  if (noted() !== 0) return 0;
  if (vote.contestAt === 0) note(MISSING_FIELD, vote.endAt, FIELD_CONTEST);
  else if (vote.choiceAt === 0) note(MISSING_FIELD, vote.endAt, FIELD_CHOICE);
  else if (vote.voterAt === 0) note(MISSING_FIELD, vote.endAt, FIELD_VOTER);
  else if (!hasContest(vote.contest, vote.contestLength)) note(UNKNOWN_CONTEST, vote.contestAt, FIELD_CONTEST);
  else note(UNKNOWN_CHOICE, vote.choiceAt, FIELD_CHOICE);
  return 0;
}

function checkId(id: usize, length: usize, at: usize, max: u32, field: u32): void {
  // A problem noted earlier may come after this one in the input.
  if (noted() !== 0 && notedAt() < at) return;
  if (length === 0) {
    refuse(MISSING_FIELD, at, field);
  } else if (length > max) {
    refuse(TOO_LONG, at, field);
  } else {
    const problem = classProblem(id, length, CLASS_ID);
    if (problem !== NONE) refuse(INVALID_CHARACTER, placeInInput(at, problem), field);
  }
}
