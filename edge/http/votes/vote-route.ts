import { problemCode } from '../../../http/error-table.ts';
import type { Problem } from '../../../http/problem.ts';
import { problemReply } from '../../../http/problem-reply.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import type { Reply } from '../../../http/reply.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { Path } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import type { VoteCodec } from '../../../wasm/codec.ts';
import { MAX_BATCH_BYTES, MAX_VOTE_BYTES } from '../../../wasm/limits.ts';
import type { CastManyOutcome, CastOutcome, Ingress } from '../../vote/ingress.ts';

/** What a body of votes can be: one vote (`json`, `vote`), or a batch (`ndjson`, `protobuf`: a CastVotesRequest). */
export type VoteFormat = 'json' | 'vote' | 'ndjson' | 'protobuf';

/** Whoever serves `POST /v1/votes`, on whatever runtime: from a body's bytes to the answer. */
export interface VoteRoute {
  /**
   * `done` may be called before this returns. `body` is read before this returns.
   *
   * @returns how many votes were in the body, taken or not
   */
  cast(format: VoteFormat, body: Uint8Array, wait: boolean, done: (reply: Reply) => void): number;
}

/** The longest body that the format may have. */
export function bodyLimit(format: VoteFormat): number {
  return format === 'json' || format === 'vote' ? MAX_VOTE_BYTES : MAX_BATCH_BYTES;
}

export function createVoteRoute({ ingress, codec }: { ingress: Ingress; codec: VoteCodec }): VoteRoute {
  return {
    cast(format, body, wait, done) {
      if (format === 'json') {
        ingress.castOne(Path.HTTP, codec.encodeJson(body), wait, (outcome) => done(oneReply(outcome)));
      } else if (format === 'vote') {
        ingress.castOne(Path.HTTP, codec.encodeVote(body), wait, (outcome) => done(oneReply(outcome)));
      } else if (wait) {
        done(problemReply(NO_WAIT_FOR_BATCH));
      } else {
        const encoded = format === 'ndjson' ? codec.encodeNdjson(body) : codec.encodeVotes(body);
        // Before the codec is used again.
        const votes = encoded.count + encoded.rejected.length;
        ingress.castMany(Path.HTTP, encoded, (outcome) => done(manyReply(outcome)));
        return votes;
      }
      return 1;
    },
  };
}

/** Undefined where the content type or the encoding is none that votes come in. */
export function voteFormat(contentType: string | undefined, contentEncoding?: string): VoteFormat | undefined {
  if (isCompressed(contentEncoding)) return undefined;
  if (contentType === 'application/json') return 'json';
  if (contentType === 'application/x-ndjson') return 'ndjson';
  if (contentType === 'application/protobuf') return 'protobuf';
  const type = mediaType(contentType ?? '');
  if (type === 'application/protobuf' && ONE_VOTE.test(contentType ?? '')) return 'vote';
  return formats.get(type);
}

function isCompressed(contentEncoding: string | undefined): contentEncoding is string {
  return contentEncoding !== undefined && contentEncoding !== '' && contentEncoding !== 'identity';
}

/** A parameter tells a single vote from a batch. */
const ONE_VOTE = /;\s*proto\s*=\s*"?votewire\.v1\.Vote"?\s*(;|$)/i;

const formats = new Map<string, VoteFormat>([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/protobuf', 'protobuf'],
  ['application/x-protobuf', 'protobuf'],
]);

/** Without parameters; those of another charset than UTF-8 make it none of ours. */
export function mediaType(contentType: string): string {
  const [type = '', ...parameters] = contentType.toLowerCase().split(';');
  const foreign = parameters.some((text) => /^\s*charset\s*=/.test(text) && !/=\s*"?utf-8"?\s*$/.test(text));
  return foreign ? '' : type.trim();
}

/** Whether the query is `wait=counted`; a Problem where it is anything else, which a typing error would hide. */
export function readWait(query: string): boolean | Problem {
  if (query === '') return false;
  if (query === 'wait=counted') return true;
  const parameters = [...new URLSearchParams(query)];
  for (const [name, value] of parameters) {
    if (name !== 'wait') {
      return wrongQuery(
        `There is no query parameter ${quoteForMessage(name)}: wait=counted is the only one, and can be left out`,
      );
    }
    if (value !== 'counted') {
      return wrongQuery(`The parameter wait can be left out, or be "counted", not ${quoteForMessage(value)}`);
    }
  }
  if (parameters.length > 1) return wrongQuery('The parameter wait stands more than once');
  return parameters.length === 1;
}

function wrongQuery(detail: string): Problem {
  return { code: ErrorCode.INVALID_ARGUMENT, detail };
}

/** Where `voteFormat` knows none. */
export function wrongMediaType(contentType: string | undefined, contentEncoding: string | undefined): Problem {
  const value = isCompressed(contentEncoding) ? contentEncoding : contentType;
  return {
    code: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
    detail: `Votes come as application/json, application/x-ndjson, application/protobuf or application/x-www-form-urlencoded, in UTF-8 and without a content encoding${value === undefined ? '' : `, not ${quoteForMessage(value)}`}`,
  };
}

const NO_WAIT_FOR_BATCH: Problem = {
  code: ErrorCode.INVALID_ARGUMENT,
  detail: 'wait=counted is for a single vote: ask for the receipts of a batch, or leave it out',
};

/** The body was longer than its format may be, announced or not. */
export function tooLarge(format: VoteFormat): Problem {
  const limit = bodyLimit(format);
  const remedy =
    bodyLimit(format) === MAX_VOTE_BYTES ? 'several votes go into an application/x-ndjson body' : 'split the batch';
  return { code: ErrorCode.TOO_LARGE, detail: `The body is longer than ${limit} bytes: ${remedy}` };
}

const JSON_TYPE = 'application/json';

function oneReply(outcome: CastOutcome): Reply {
  if (!outcome.ok) return problemReply(outcome.problem);
  const { receipt, status, results } = outcome;
  if (status === 'queued') return { status: 202, type: JSON_TYPE, body: `{"receipt":"${receipt}","status":"queued"}` };
  return { status: 200, type: JSON_TYPE, body: JSON.stringify({ receipt, status, ...(results && { results }) }) };
}

function manyReply(outcome: CastManyOutcome): Reply {
  if (!outcome.ok) return problemReply(outcome.problem);
  const { accepted, rejected } = outcome;
  if (rejected.length === 0) return { status: 202, type: JSON_TYPE, body: `{"accepted":${accepted},"rejected":[]}` };
  const rows = rejected.map(({ index, code, message }) => ({ index, code: problemCode(code), message }));
  return { status: 202, type: JSON_TYPE, body: JSON.stringify({ accepted, rejected: rows }) };
}
