import {
  INVALID_CHARACTER,
  INVALID_UTF8,
  MISSING_FIELD,
  OUT_OF_RANGE,
  TOO_LONG,
  TOO_MANY_ATTRIBUTES,
  UNKNOWN_CHOICE,
  UNKNOWN_CONTEST,
} from '../error-code';
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
} from '../limits';
import {
  FIELD_ATTRIBUTES,
  FIELD_CHOICE,
  FIELD_CONTEST,
  FIELD_NONE,
  FIELD_SEQUENCE,
  FIELD_VOTE_ID,
  FIELD_VOTER,
  note,
  noted,
  notedAt,
  noteWithKey,
  refuse,
} from '../rejection';
import { findOption, hasContest } from '../table';
import { classProblem, isPlainVoter, isPrintable, NONE, textProblem, utf8Problem, voterProblem } from '../text';
import { attribute, theVote, Vote } from '../vote';

/** Notes invalid UTF-8 in a string; the first one noted is kept. */
export function noteUtf8(p: usize, length: usize): void {
  const problem = utf8Problem(p, length);
  if (problem !== NONE && (noted() === 0 || p + problem < notedAt())) refuse(INVALID_UTF8, p + problem, FIELD_NONE);
}

/**
 * Checks a parsed vote in field number order. Returns the record of its option, or 0 with the reason noted.
 * `tooManyAt`: the first attribute past the limit, or 0.
 */
export function checkRules(tooManyAt: usize): usize {
  const vote = theVote();
  let record: usize = 0;
  if (vote.choiceLength !== 0) {
    record = findOption(vote.contest, vote.contestLength, vote.choice, vote.choiceLength);
  }
  if (record === 0) {
    noteUtf8(vote.contest, vote.contestLength);
    noteUtf8(vote.choice, vote.choiceLength);
  }
  const isPlain = isPrintable(vote.voter, vote.voterLength);
  if (!isPlain) noteUtf8(vote.voter, vote.voterLength);
  if (vote.voteIdLength !== 0) noteUtf8(vote.voteId, vote.voteIdLength);
  if (noted() !== 0) return 0;

  // Ids in the table are valid.
  if (record === 0) {
    checkId(vote.contest, vote.contestLength, vote.contestAt, MAX_CONTEST_BYTES, FIELD_CONTEST);
    checkId(vote.choice, vote.choiceLength, vote.choiceAt, MAX_CHOICE_BYTES, FIELD_CHOICE);
  }
  if (vote.voterLength > MAX_VOTER_BYTES || !isPlain || !isPlainVoter(vote.voter, vote.voterLength)) checkVoter(vote);
  if (tooManyAt !== 0) note(TOO_MANY_ATTRIBUTES, tooManyAt, FIELD_ATTRIBUTES);
  if (vote.attributes !== 0) checkAttributes(vote);
  if (vote.voteIdLength !== 0) checkVoteId(vote);
  if (vote.sequence > MAX_SEQUENCE) note(OUT_OF_RANGE, vote.sequenceAt, FIELD_SEQUENCE);
  if (noted() !== 0) return 0;
  if (record === 0) {
    if (hasContest(vote.contest, vote.contestLength)) note(UNKNOWN_CHOICE, vote.choiceAt, FIELD_CHOICE);
    else note(UNKNOWN_CONTEST, vote.contestAt, FIELD_CONTEST);
  }
  return record;
}

function checkId(id: usize, length: usize, at: usize, max: u32, field: u32): void {
  if (length === 0) {
    note(MISSING_FIELD, at !== 0 ? at : theVote().endAt, field);
  } else if (length > max) {
    note(TOO_LONG, at, field);
  } else {
    const problem = classProblem(id, length, CLASS_ID);
    if (problem !== NONE) note(INVALID_CHARACTER, at + problem, field);
  }
}

function checkVoter(vote: Vote): void {
  if (vote.voterLength === 0) {
    note(MISSING_FIELD, vote.voterAt !== 0 ? vote.voterAt : vote.endAt, FIELD_VOTER);
  } else if (vote.voterLength > MAX_VOTER_BYTES) {
    note(TOO_LONG, vote.voter, FIELD_VOTER);
  } else {
    const problem = voterProblem(vote.voter, vote.voterLength);
    if (problem !== NONE) note(INVALID_CHARACTER, vote.voter + problem, FIELD_VOTER);
  }
}

function checkAttributes(vote: Vote): void {
  for (let at: u32 = 0; at < vote.attributes; at++) {
    const pair = attribute(at);
    if (pair.keyLength === 0) {
      note(MISSING_FIELD, pair.key, FIELD_ATTRIBUTES);
    } else if (pair.keyLength > MAX_ATTRIBUTE_KEY_BYTES) {
      note(TOO_LONG, pair.key, FIELD_ATTRIBUTES);
    } else {
      const problem = classProblem(pair.key, pair.keyLength, CLASS_ID);
      if (problem !== NONE) note(INVALID_CHARACTER, pair.key + problem, FIELD_ATTRIBUTES);
    }
    checkValue(pair.value, pair.valueLength, pair.key, pair.keyLength);
  }
}

function checkValue(p: usize, length: usize, key: usize, keyLength: usize): void {
  if (length > MAX_ATTRIBUTE_VALUE_BYTES) {
    noteWithKey(TOO_LONG, p, FIELD_ATTRIBUTES, key, keyLength);
    return;
  }
  const problem = textProblem(p, length);
  if (problem !== NONE) noteWithKey(INVALID_CHARACTER, p + problem, FIELD_ATTRIBUTES, key, keyLength);
}

function checkVoteId(vote: Vote): void {
  if (vote.voteIdLength > MAX_VOTE_ID_BYTES) {
    note(TOO_LONG, vote.voteId, FIELD_VOTE_ID);
    return;
  }
  const problem = classProblem(vote.voteId, vote.voteIdLength, CLASS_VOTE_ID);
  if (problem !== NONE) note(INVALID_CHARACTER, vote.voteId + problem, FIELD_VOTE_ID);
}
