import { createServer } from 'node:net';
import process from 'node:process';
import { Http2Server } from '../http2-server.ts';
import { NetByteSocket } from '../net-byte-socket.ts';
import { Echo } from './echo.ts';

/**
 * Echoes request bodies on a port, for h2load and h2spec: `node edge/http2/testing/echo-server.ts <port> [delay]`. The
 * delay of answers in milliseconds keeps streams open, as h2spec's test of the stream limit requires.
 */
const [port = '0', delay = '0'] = process.argv.slice(2);
const server = new Http2Server({
  onRequest: (stream) => new Echo(stream, Number(delay)),
  onError: (error) => {
    throw error;
  },
});
createServer({ noDelay: true, allowHalfOpen: true }, (socket) => server.accept(new NetByteSocket(socket))).listen(
  Number(port),
  '127.0.0.1',
  () => console.log('listening'),
);
