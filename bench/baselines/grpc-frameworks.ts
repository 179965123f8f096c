import { createServer } from 'node:http2';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { Status, VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { GRPC_REPLY } from './fixed-reply.ts';

// The same unary call answered by the two usual frameworks, for comparison. RUNG is `connect` or `grpc-js`.

const address = '127.0.0.1';
const port = Number(process.env.PORT);

if (process.env.RUNG === 'connect') {
  const adapter = connectNodeAdapter({
    routes: (router) => {
      router.service(VoteService, { castVote: () => ({ receipt: 'A'.repeat(48), status: Status.QUEUED }) });
    },
  });
  createServer({ settings: { maxConcurrentStreams: 128 } }, adapter).listen(port, address);
} else {
  const server = new Server({ 'grpc.max_concurrent_streams': 128 });
  const reply = GRPC_REPLY.subarray(5);
  server.addService(
    {
      CastVote: {
        path: '/votewire.v1.VoteService/CastVote',
        requestStream: false,
        responseStream: false,
        requestDeserialize: (bytes: Buffer) => bytes,
        requestSerialize: (bytes: Buffer) => bytes,
        responseDeserialize: (bytes: Buffer) => bytes,
        responseSerialize: (bytes: Buffer) => bytes,
      },
    },
    { CastVote: (_call: unknown, respond: (error: null, value: Buffer) => void) => respond(null, reply) },
  );
  server.bindAsync(`${address}:${port}`, ServerCredentials.createInsecure(), (error) => {
    if (error) throw error;
  });
}
