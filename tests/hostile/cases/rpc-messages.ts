import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { frame } from '../../../edge/grpc/framing/frame.ts';
import { CastVoteRequestSchema } from '../../../proto/gen/votewire/v1/service_pb.ts';
import type { HostileCase } from '../hostile-case.ts';

const PATH = '/votewire.v1.VoteService/CastVote';
const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
const encode = (fields: object) =>
  toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote: { ...vote, ...fields } }));
const compressed = (bytes: Uint8Array) => Buffer.concat([Uint8Array.of(1), frame(bytes).subarray(1)]);

const MESSAGES: readonly [name: string, message: Uint8Array, ...expected: string[]][] = [
  ['empty', new Uint8Array(), 'empty_body', 'missing_field'],
  ['HTTP in it', Buffer.from('GET / HTTP/1.1'), 'malformed_protobuf'],
  ['length of 2^31', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07]), 'malformed_protobuf'],
  ['field 0', Buffer.from([0x02, 0]), 'malformed_protobuf'],
  ['truncated vote', encode({}).subarray(0, 10), 'malformed_protobuf'],
  ['invalid UTF-8', Buffer.from([0x0a, 3, 0x0a, 1, 0xff]), 'invalid_utf8', 'malformed_protobuf'],
  ['no voter', encode({ voter: '' }), 'missing_field'],
  ['zero-width voter', encode({ voter: 'a\u200bb' }), 'invalid_character'],
  ['long voter', encode({ voter: 'x'.repeat(129) }), 'too_long'],
  ['unknown contest', encode({ contest: 'missing' }), 'unknown_contest'],
  ['unknown choice', encode({ choice: 'birds' }), 'unknown_choice'],
  ['sequence of 2^64 - 1', encode({ sequence: 2n ** 64n - 1n }), 'out_of_range'],
  ['sequence that locks out', encode({ sequence: 2n ** 53n - 1n }), 'out_of_range'],
  ['5,000 bytes', encode({ attributes: { a: 'x'.repeat(5000) } }), 'too_large', 'too_long'],
  ['foreign origin', encode({}), 'forbidden'],
];

const origin = (name: string) => (name === 'foreign origin' ? { origin: 'https://evil.example' } : {});

function unary(transport: HostileCase['transport'], type: string, body: (message: Uint8Array) => Uint8Array) {
  return MESSAGES.map(
    ([name, message, ...expected]): HostileCase => ({
      transport,
      name: `${type.replace('application/', '')}: ${name}`,
      sent: Buffer.from(message).toString('hex'),
      send: (target) => target.http2({ ':path': PATH, 'content-type': type, ...origin(name) }, body(message)),
      expected,
    }),
  );
}

const grpc = (name: string, body: Uint8Array, headers: Record<string, string>, ...expected: string[]): HostileCase => ({
  transport: 'gRPC',
  name,
  sent: `${JSON.stringify(headers)} ${Buffer.from(body).toString('hex')}`,
  send: (target) =>
    target.http2({ ':path': PATH, 'content-type': 'application/grpc', te: 'trailers', ...headers }, body),
  expected,
});

const connectJson = (name: string, body: string | Uint8Array, ...expected: string[]): HostileCase => ({
  transport: 'Connect',
  name: `JSON: ${name}`,
  sent: typeof body === 'string' ? body : Buffer.from(body).toString('latin1'),
  send: (target) => target.http2({ ':path': PATH, 'content-type': 'application/json' }, Buffer.from(body)),
  expected,
});

const message = encode({});

export const rpcMessages: readonly HostileCase[] = [
  ...unary('gRPC', 'application/grpc', frame),
  ...unary('gRPC-Web', 'application/grpc-web+proto', frame),
  ...unary('Connect', 'application/proto', (bytes) => bytes),
  grpc('no message', new Uint8Array(), {}, 'grpc 12', 'grpc 3', 'malformed_protobuf'),
  grpc('two messages', Buffer.concat([frame(message), frame(message)]), {}, 'grpc 12'),
  grpc('truncated frame', frame(message).subarray(0, 20), {}, 'malformed_protobuf', 'grpc 3'),
  grpc('huge prefix', Buffer.from([0, 0xff, 0xff, 0xff, 0xff]), {}, 'too_large'),
  grpc('unknown flags', Buffer.from([4, 0, 0, 0, 0]), {}, 'malformed_protobuf', 'empty_body'),
  grpc('gzip bomb', compressed(gzipSync(Buffer.alloc(1_000_000))), { 'grpc-encoding': 'gzip' }, 'too_large'),
  grpc('malformed gzip', compressed(message), { 'grpc-encoding': 'gzip' }, 'malformed_protobuf', 'malformed_json'),
  grpc('unknown encoding', frame(message), { 'grpc-encoding': 'br' }, 'grpc 12'),
  grpc(
    'malformed timeout',
    frame(message),
    { 'grpc-timeout': '1 hour' },
    'grpc 3',
    'malformed_protobuf',
    'invalid_argument',
  ),
  grpc('unknown method', frame(message), { ':path': '/votewire.v1.VoteService/Nope' }, 'grpc 12', 'not_found'),
  grpc('unknown service', frame(message), { ':path': '/nope' }, 'grpc 12', 'not_found'),
  grpc('text/plain', frame(message), { 'content-type': 'text/plain' }, 'http 415'),
  connectJson('truncated', '{"vote":', 'malformed_json'),
  connectJson('array', '[]', 'wrong_type'),
  connectJson(
    'invalid UTF-8',
    Buffer.from('{"vote":{"contest":"cats-vs-dogs","choice":"cats","voter":"a\xff"}}', 'latin1'),
    'invalid_utf8',
  ),
  connectJson('unknown field', '{"voted":1}', 'malformed_json', 'missing_field', 'empty_body'),
  connectJson('number as voter', '{"vote":{"voter":1}}', 'wrong_type'),
  connectJson('nested 4,000 deep', '{"vote":'.repeat(4000), 'malformed_json', 'too_large'),
];
