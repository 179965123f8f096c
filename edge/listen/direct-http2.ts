import { Http2Server, type Http2ServerOptions } from '../http2/http2-server.ts';
import { NetByteSocket } from '../http2/net-byte-socket.ts';
import type { ConnectionServer } from './connection-server.ts';

/** HTTP/2 served by the edge's own server. */
export function directHttp2(options: Http2ServerOptions): ConnectionServer {
  const server = new Http2Server(options);
  return {
    accept: (socket, head) => server.accept(new NetByteSocket(socket), head),
    close: (graceMs) => server.close(graceMs),
  };
}
