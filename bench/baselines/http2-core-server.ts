import { createServer } from 'node:net';
import { encodeHeaders } from '../../edge/http2/hpack/encode-headers.ts';
import { Http2Server } from '../../edge/http2/http2-server.ts';
import { NetByteSocket } from '../../edge/http2/net-byte-socket.ts';
import { GRPC_REPLY } from './fixed-reply.ts';

// A gRPC server on our own HTTP/2 server that stores nothing: it reads the message and answers.

const HEAD = encodeHeaders([
  [':status', '200'],
  ['content-type', 'application/grpc'],
]);
const OK = encodeHeaders([['grpc-status', '0']]);
const INVALID_ARGUMENT = encodeHeaders([['grpc-status', '3']]);

const server = new Http2Server({
  onError: (error) => {
    throw error;
  },
  onRequest: (stream) => {
    let bytes = 0;
    return {
      data(chunk: Buffer) {
        bytes += chunk.length;
      },
      end: () => stream.answer(HEAD, GRPC_REPLY, bytes > 0 ? OK : INVALID_ARGUMENT),
      drain: () => undefined,
      close: () => undefined,
    };
  },
});
createServer({ noDelay: true, allowHalfOpen: true }, (socket) => server.accept(new NetByteSocket(socket))).listen(
  Number(process.env.PORT),
  '127.0.0.1',
);
