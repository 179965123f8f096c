import { createServer, type ServerHttp2Stream } from 'node:http2';
import { baselineCodec } from './baseline-codec.ts';
import { GRPC_REPLY } from './fixed-reply.ts';

// The ladder's gRPC servers, one rung a process. RUNG is `bare` (node:http2 reads the message and answers), `codec` (and
// the TypeScript codec encodes the vote). None of them stores. What the usual frameworks would cost in their place is in
// grpc-frameworks.ts.

const codec = process.env.RUNG === 'codec' ? await baselineCodec('typescript') : undefined;
const HEADERS = { ':status': 200, 'content-type': 'application/grpc' } as const;

function answer(stream: ServerHttp2Stream, message: Buffer) {
  const refused = codec !== undefined && codec.encodeCastVote(message).count !== 1;
  stream.respond(HEADERS, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': refused ? '3' : '0' }));
  stream.end(GRPC_REPLY);
}

const server = createServer({ settings: { maxConcurrentStreams: 128 } });
server.on('stream', (stream) => {
  let body: Buffer | undefined;
  stream.on('data', (chunk: Buffer) => {
    body = body === undefined ? chunk : Buffer.concat([body, chunk]);
  });
  stream.on('end', () => answer(stream, body?.subarray(5) ?? Buffer.alloc(0)));
  // The driver closes its connections with streams open when a run ends.
  stream.on('error', () => stream.close());
});
server.listen(Number(process.env.PORT), '127.0.0.1');
