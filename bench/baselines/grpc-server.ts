import { createServer, type ServerHttp2Stream } from 'node:http2';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Status, VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { GRPC_REPLY, RECEIPT } from './fixed-reply.ts';

// gRPC servers that store nothing. SERVER is `bare` (node:http2 reads the message and answers), `connect`
// (connect-node) or `grpc-js`.

const host = '127.0.0.1';
const port = Number(process.env.PORT);
const settings = { maxConcurrentStreams: 128 };

if (process.env.SERVER === 'connect') startConnect();
else if (process.env.SERVER === 'grpc-js') startGrpcJs();
else startBare();

function startBare() {
  const server = createServer({ settings });
  server.on('stream', (stream) => {
    let bytes = 0;
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    stream.on('end', () => answer(stream, bytes > 0));
    // At the end of a run, the driver closes its connections with open streams.
    stream.on('error', () => stream.close());
  });
  server.listen(port, host);
}

function answer(stream: ServerHttp2Stream, ok: boolean) {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': ok ? '0' : '3' }));
  stream.end(GRPC_REPLY);
}

function startConnect() {
  const adapter = connectNodeAdapter({
    routes: (router) => {
      router.service(VoteService, { castVote: () => ({ receipt: RECEIPT, status: Status.QUEUED }) });
    },
  });
  createServer({ settings }, adapter).listen(port, host);
}

function startGrpcJs() {
  const server = new Server({ 'grpc.max_concurrent_streams': settings.maxConcurrentStreams });
  const reply = GRPC_REPLY.subarray(5);
  const pass = (bytes: Buffer) => bytes;
  server.addService(
    {
      CastVote: {
        path: '/votewire.v1.VoteService/CastVote',
        requestStream: false,
        responseStream: false,
        requestDeserialize: pass,
        requestSerialize: pass,
        responseDeserialize: pass,
        responseSerialize: pass,
      },
    },
    { CastVote: (_call: unknown, respond: (error: null, value: Buffer) => void) => respond(null, reply) },
  );
  server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error) => {
    if (error) throw error;
  });
}
