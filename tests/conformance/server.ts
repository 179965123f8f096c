/**
 * The server that the Connect conformance runner talks to: edge/grpc/transport with the suite's ConformanceService in
 * place of VoteService. Reads a ServerCompatRequest from stdin, writes its address to stdout and runs until killed.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { GrpcTransport } from '../../edge/grpc/transport/grpc-transport.ts';
import { Http2Server } from '../../edge/http2/http2-server.ts';
import { NetByteSocket } from '../../edge/http2/net-byte-socket.ts';
import { conformanceMethods } from './conformance-methods.ts';
import {
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from './gen/connectrpc/conformance/v1/server_compat_pb.ts';

const DEFAULT_LIMIT = 8 * 1024 * 1024;

const { messageReceiveLimit } = fromBinary(ServerCompatRequestSchema, await readSized(process.stdin));
const transport = new GrpcTransport(conformanceMethods(messageReceiveLimit || DEFAULT_LIMIT));
const http2 = new Http2Server({
  onRequest: (stream) => transport.serve(stream) ?? transport.refuse(stream),
  onError: (error) => {
    throw error;
  },
});
const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
  http2.accept(new NetByteSocket(socket)),
);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const response = toBinary(ServerCompatResponseSchema, create(ServerCompatResponseSchema, { host: '127.0.0.1', port }));
const size = Buffer.alloc(4);
size.writeUInt32BE(response.length);
process.stdout.write(Buffer.concat([size, response]));

/** Reads a message prefixed with its length in four bytes. */
async function readSized(input: NodeJS.ReadStream): Promise<Buffer> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of input) {
    bytes = Buffer.concat([bytes, chunk as Buffer]);
    if (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE()) break;
  }
  return bytes.subarray(4, 4 + bytes.readUInt32BE());
}
