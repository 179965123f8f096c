import { gzipSync } from 'node:zlib';
import { fromBinary, fromJsonString } from '@bufbuild/protobuf';
import { FRAME_PREFIX_BYTES, frame } from '../../edge/grpc/framing/frame.ts';
import { problemCode } from '../../http/error-table.ts';
import { CastVotesResponseSchema, StreamVotesResponseSchema } from '../../proto/gen/votewire/v1/service_pb.ts';
import type { HostileCase } from './hostile-case.ts';
import type { Target } from './target.ts';

/** One way to send the same vote. */
export interface VotePath {
  readonly transport: HostileCase['transport'];
  readonly name: string;
  /** Bytes of a request with one vote: CastVoteRequest and CastVotesRequest are the same then; or its JSON. */
  readonly send: (target: Target, vote: Uint8Array) => Promise<string>;
}

const SERVICE = '/votewire.v1.VoteService';

/** A request with one vote: field 1 of CastVoteRequest, CastVotesRequest and StreamVotesRequest. */
export function requestOf(vote: Uint8Array): Buffer {
  const { length } = vote;
  const size = length < 0x80 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Uint8Array.of(0x0a, ...size), vote]);
}

const rpc = (
  transport: HostileCase['transport'],
  method: 'CastVote' | 'CastVotes' | 'StreamVotes',
  type: string,
  more: { readonly headers?: Record<string, string>; readonly body?: (message: Buffer) => Uint8Array } = {},
): VotePath => ({
  transport,
  name: `${method} ${type.replace('application/', '')}${more.headers === undefined ? '' : ` ${Object.keys(more.headers)}`}`,
  send: async (target, vote) => {
    const isFramed = type.includes('grpc') || type.includes('connect+');
    const message = requestFor(type, method, vote);
    const body = more.body?.(message) ?? (isFramed ? frame(message) : message);
    const headers = { ':path': `${SERVICE}/${method}`, 'content-type': type, te: 'trailers', ...more.headers };
    return target.http2(headers, body, undefined, (answer) => verdictIn(method, type, answer));
  },
});

function requestFor(type: string, method: string, vote: Uint8Array): Buffer {
  if (!type.includes('json')) return requestOf(vote);
  return Buffer.from(method === 'CastVote' ? `{"vote":${Buffer.from(vote)}}` : `{"votes":[${Buffer.from(vote)}]}`);
}

/** The verdict on the vote in a successful answer. */
function verdictIn(method: string, type: string, body: Buffer): string {
  const isFramed = type.includes('grpc') || type.includes('connect+');
  for (const { flags, message } of isFramed ? framesOf(body) : [{ flags: 0, message: body }]) {
    // The Connect protocol ends a stream with its error.
    if (flags === 2 && message.includes('"error"')) {
      return /"reason":"ERROR_CODE_([A-Z0-9_]+)"/.exec(message.toString())?.[1]?.toLowerCase() ?? message.toString();
    }
    if (flags !== 0 || method === 'CastVote') continue;
    const schema = method === 'CastVotes' ? CastVotesResponseSchema : StreamVotesResponseSchema;
    const { rejected } = type.includes('json') ? fromJsonString(schema, `${message}`) : fromBinary(schema, message);
    if (rejected[0] !== undefined) return problemCode(rejected[0].code);
  }
  return 'stored';
}

function* framesOf(body: Buffer): Generator<{ flags: number; message: Buffer }> {
  for (let at = 0; at + FRAME_PREFIX_BYTES <= body.length; ) {
    const start = at + FRAME_PREFIX_BYTES;
    const end = start + body.readUInt32BE(at + 1);
    yield { flags: body[at] ?? 0, message: body.subarray(start, end) };
    at = end;
  }
}

const post = (type: string, path: string, body: (vote: Uint8Array) => Uint8Array): VotePath => ({
  transport: 'HTTP/1.1',
  name: `POST ${type}${path.startsWith(SERVICE) ? ' RPC' : ''}`,
  send: async (target, vote) => {
    const answer = await target.post(type, body(vote), {}, path);
    return answer === 'answered' && path.startsWith(SERVICE) ? 'stored' : answer;
  },
});

const http2Post = (type: string, body: (vote: Uint8Array) => Uint8Array): VotePath => ({
  transport: 'HTTP/2',
  name: `POST ${type}`,
  send: (target, vote) => target.http2({ ':path': '/v1/votes', 'content-type': type }, body(vote)),
});

const gzipped = (message: Buffer) => {
  const bytes = frame(gzipSync(message));
  bytes[0] = 1;
  return bytes;
};
const same = (vote: Uint8Array) => vote;

/** Every path of a vote in protobuf. */
export const PROTOBUF_PATHS: readonly VotePath[] = [
  post('application/protobuf; proto=votewire.v1.Vote', '/v1/votes', same),
  http2Post('application/protobuf; proto=votewire.v1.Vote', same),
  post('application/protobuf', '/v1/votes', requestOf),
  rpc('gRPC', 'CastVote', 'application/grpc'),
  rpc('gRPC', 'CastVote', 'application/grpc', { headers: { 'grpc-encoding': 'gzip' }, body: gzipped }),
  rpc('gRPC', 'CastVotes', 'application/grpc'),
  rpc('gRPC', 'StreamVotes', 'application/grpc'),
  rpc('gRPC-Web', 'CastVote', 'application/grpc-web+proto'),
  rpc('gRPC-Web', 'CastVotes', 'application/grpc-web+proto'),
  rpc('gRPC-Web', 'StreamVotes', 'application/grpc-web+proto'),
  rpc('Connect', 'CastVote', 'application/proto'),
  rpc('Connect', 'CastVote', 'application/proto', { headers: { 'connect-timeout-ms': '5000' } }),
  rpc('Connect', 'CastVote', 'application/proto', { headers: { 'content-encoding': 'gzip' }, body: gzipSync }),
  rpc('Connect', 'CastVotes', 'application/proto'),
  rpc('Connect', 'StreamVotes', 'application/connect+proto'),
  post('application/proto', `${SERVICE}/CastVote`, requestOf),
];

/** Every path of a vote in JSON. */
export const JSON_PATHS: readonly VotePath[] = [
  post('application/json', '/v1/votes', same),
  http2Post('application/json', same),
  post('application/x-ndjson', '/v1/votes', same),
  rpc('gRPC', 'CastVote', 'application/grpc+json'),
  rpc('gRPC-Web', 'CastVote', 'application/grpc-web+json'),
  rpc('Connect', 'CastVote', 'application/json'),
  rpc('Connect', 'CastVotes', 'application/json'),
  rpc('Connect', 'StreamVotes', 'application/connect+json'),
  post('application/json', `${SERVICE}/CastVote`, (vote) => Buffer.from(`{"vote":${Buffer.from(vote)}}`)),
];
