import type { Problem } from '../../../http/problem.ts';
import { quoteForMessage } from '../../../http/quote.ts';
import { isCompressed, mediaType } from '../../../http/request/media-type.ts';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import { MAX_BATCH_BYTES, MAX_VOTE_BYTES } from '../../../wasm/limits.ts';

/**
 * The format of a body: one vote (`json`, `vote`), a batch (`ndjson`, `protobuf`: a CastVotesRequest), or the vote
 * page's form.
 */
export type VoteFormat = 'json' | 'vote' | 'ndjson' | 'protobuf' | 'form';

/** Undefined if votes are not accepted in this content type or encoding. */
export function voteFormat(
  contentType: string | undefined,
  contentEncoding: string | undefined,
): VoteFormat | undefined {
  if (isCompressed(contentEncoding)) return undefined;
  // Fast path without parsing, for the types that nearly all clients send.
  if (contentType === 'application/json') return 'json';
  if (contentType === 'application/x-ndjson') return 'ndjson';
  if (contentType === 'application/protobuf') return 'protobuf';
  const type = mediaType(contentType ?? '');
  if (type === 'application/protobuf' && ONE_VOTE.test(contentType ?? '')) return 'vote';
  return FORMATS.get(type);
}

/** The largest body accepted, in bytes. */
export function maxBytesOf(format: VoteFormat): number {
  return isBatch(format) ? MAX_BATCH_BYTES : MAX_VOTE_BYTES;
}

export function isBatch(format: VoteFormat): boolean {
  return format === 'ndjson' || format === 'protobuf';
}

/** A content type or encoding for which `voteFormat` returned undefined. */
export function wrongMediaType(contentType: string | undefined, contentEncoding: string | undefined): Problem {
  const value = isCompressed(contentEncoding) ? contentEncoding : contentType;
  return {
    code: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
    headers: isCompressed(contentEncoding) ? { 'accept-encoding': 'identity' } : { 'accept-post': ACCEPT_POST },
    detail: `Content-Type must be application/json, application/x-ndjson, application/protobuf or application/x-www-form-urlencoded, in UTF-8 and without Content-Encoding; got ${value === undefined ? 'none' : quoteForMessage(value)}`,
  };
}

export function tooLarge(format: VoteFormat): Problem {
  const remedy = isBatch(format) ? 'split the batch' : 'send several votes as application/x-ndjson';
  return { code: ErrorCode.TOO_LARGE, detail: `The body exceeds ${maxBytesOf(format)} bytes; ${remedy}` };
}

/** A parameter that distinguishes a single vote from a batch. */
const ONE_VOTE = /;\s*proto\s*=\s*"?votewire\.v1\.Vote"?\s*(;|$)/i;

const ACCEPT_POST = 'application/json, application/x-ndjson, application/protobuf, application/x-www-form-urlencoded';

const FORMATS = new Map<string, VoteFormat>([
  ['application/json', 'json'],
  ['application/x-ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/protobuf', 'protobuf'],
  ['application/x-protobuf', 'protobuf'],
  ['application/x-www-form-urlencoded', 'form'],
]);
