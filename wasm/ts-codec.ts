import { ErrorCode } from '../proto/gen/votewire/v1/error_pb.ts';
import type { CodecTable, EncodedVotes, Rejection, VoteCodec } from './codec.ts';
import { MAX_BATCH_BYTES, MAX_BATCH_VOTES, MAX_VOTE_BYTES } from './limits.ts';
import { FIELD_NONE, FIELD_VOTE, FIELD_VOTES } from './rejection-field.ts';
import { skipSpace } from './typescript/json/json-value.ts';
import { readJsonVote } from './typescript/json/json-vote.ts';
import { findLineEnd, take } from './typescript/memory.ts';
import { found, malformedProto, readLength, readTag, readVarint, skipField } from './typescript/proto/proto-field.ts';
import { checkRules } from './typescript/proto/proto-rules.ts';
import { beginProtoVote, readProtoVote, tooMany } from './typescript/proto/proto-vote.ts';
import { clearNote, REFUSED, refuse, rejectionOf } from './typescript/rejection.ts';
import { OptionTable } from './typescript/table.ts';
import { VoteWriter } from './typescript/write-vote.ts';
import { votableContests } from './votable-contests.ts';

/** Tags of a CastVoteRequest's and a CastVotesRequest's fields. */
const VOTE = 0x0a;
const WAIT = 0x10;

/** The codec in TypeScript. Mirrors the WebAssembly codec; the files in `assembly/` have the same names. */
export class TsCodec implements VoteCodec {
  readonly name = 'typescript';
  readonly #encoded = new VoteWriter();
  #table = new OptionTable([], 1);
  #rejected: Rejection[] = [];

  configure(table: CodecTable): void {
    this.#table = new OptionTable(votableContests(table), table.partitions);
  }

  encodeJson(body: Uint8Array): EncodedVotes {
    if (!this.#begin(body, MAX_VOTE_BYTES)) return this.#encoded;
    return this.#endOne(readJsonVote(0, body.length, this.#table));
  }

  encodeVote(body: Uint8Array): EncodedVotes {
    if (!this.#begin(body, MAX_VOTE_BYTES)) return this.#encoded;
    beginProtoVote();
    if (readProtoVote(0, body.length) === REFUSED) return this.#endOne(0);
    return this.#endOne(checkRules(this.#table, tooMany.at));
  }

  encodeCastVote(body: Uint8Array): EncodedVotes {
    if (!this.#begin(body, MAX_VOTE_BYTES)) return this.#encoded;
    const end = body.length;
    let hasVote = false;
    let wait = false;
    beginProtoVote();
    for (let p = 0; p < end; ) {
      const at = p;
      p = readTag(p, end);
      if (p === REFUSED) return this.#endOne(0);
      if (found.tag === VOTE) {
        p = readLength(p, end, at);
        if (p !== REFUSED) p = readProtoVote(p, p + found.length);
        hasVote = true;
      } else if (found.tag === WAIT) {
        p = readVarint(p, end);
        if (p === REFUSED) malformedProto(at);
        wait = found.varint !== 0;
      } else {
        p = found.tag < 0x18 ? malformedProto(at) : skipField(p, end, at, 0);
      }
      if (p === REFUSED) return this.#endOne(0);
    }
    if (!hasVote) {
      refuse(ErrorCode.MISSING_FIELD, end, FIELD_VOTE);
      return this.#endOne(0);
    }
    this.#endOne(checkRules(this.#table, tooMany.at));
    this.#encoded.wait = wait && this.#encoded.failure === undefined;
    return this.#encoded;
  }

  encodeNdjson(body: Uint8Array): EncodedVotes {
    if (!this.#begin(body, MAX_BATCH_BYTES)) return this.#encoded;
    const end = body.length;
    let index = 0;
    for (let p = 0; p < end; ) {
      const lineEnd = findLineEnd(p, end);
      if (skipSpace(p, lineEnd) !== lineEnd) {
        if (index === MAX_BATCH_VOTES) return this.#fail(ErrorCode.TOO_MANY_VOTES, p, FIELD_NONE);
        this.#endOfMany(this.#readLine(p, lineEnd), index++);
      }
      p = lineEnd + 1;
    }
    return index === 0 ? this.#fail(ErrorCode.EMPTY_BODY, 0, FIELD_NONE) : this.#endMany();
  }

  encodeVotes(body: Uint8Array): EncodedVotes {
    if (!this.#begin(body, MAX_BATCH_BYTES)) return this.#encoded;
    const end = body.length;
    let index = 0;
    for (let p = 0; p < end; ) {
      const at = p;
      clearNote();
      p = readTag(p, end);
      if (p === REFUSED) return this.#endOne(0);
      if (found.tag !== VOTE) {
        p = found.tag < 0x10 ? malformedProto(at) : skipField(p, end, at, 0);
        if (p === REFUSED) return this.#endOne(0);
        continue;
      }
      p = readLength(p, end, at);
      if (p === REFUSED) return this.#endOne(0);
      if (index === MAX_BATCH_VOTES) return this.#fail(ErrorCode.TOO_MANY_VOTES, at, FIELD_NONE);
      const voteEnd = p + found.length;
      let record = 0;
      if (found.length > MAX_VOTE_BYTES) {
        refuse(ErrorCode.TOO_LARGE, p, FIELD_NONE);
      } else {
        beginProtoVote();
        if (readProtoVote(p, voteEnd) === REFUSED) return this.#endOne(0);
        record = checkRules(this.#table, tooMany.at);
      }
      this.#endOfMany(record, index++);
      p = voteEnd;
    }
    return index === 0 ? this.#fail(ErrorCode.MISSING_FIELD, end, FIELD_VOTES) : this.#endMany();
  }

  /** Copies the body into memory; false if it is rejected unread. */
  #begin(body: Uint8Array, maxBytes: number): boolean {
    this.#encoded.reset(body);
    if (this.#rejected.length > 0) this.#rejected = [];
    clearNote();
    if (body.length === 0) this.#fail(ErrorCode.EMPTY_BODY, 0, FIELD_NONE);
    else if (body.length > maxBytes) this.#fail(ErrorCode.TOO_LARGE, 0, FIELD_NONE);
    else {
      take(body);
      return true;
    }
    return false;
  }

  #fail(code: ErrorCode, at: number, field: number): EncodedVotes {
    refuse(code, at, field);
    return this.#encoded.fail(rejectionOf(0));
  }

  #endOne(record: number): EncodedVotes {
    if (record === 0) return this.#encoded.fail(rejectionOf(0));
    this.#encoded.write(this.#table, record, 0);
    return this.#encoded;
  }

  #readLine(start: number, end: number): number {
    clearNote();
    if (end - start <= MAX_VOTE_BYTES) return readJsonVote(start, end, this.#table);
    refuse(ErrorCode.TOO_LARGE, start, FIELD_NONE);
    return 0;
  }

  /** Records the outcome of vote `index` of a batch. */
  #endOfMany(record: number, index: number): void {
    if (record !== 0) this.#encoded.write(this.#table, record, index);
    else this.#rejected.push(rejectionOf(index));
  }

  #endMany(): EncodedVotes {
    this.#encoded.rejected = this.#rejected;
    return this.#encoded;
  }
}
