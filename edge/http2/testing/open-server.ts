import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { Http2ErrorCode } from '../error-code.ts';
import { Http2Server, type Http2ServerOptions } from '../http2-server.ts';
import { NetByteSocket } from '../net-byte-socket.ts';

export interface OpenServer extends AsyncDisposable {
  readonly port: number;
  readonly server: Http2Server;
}

/** A server of HTTP/2 alone on a free port of the loopback. What throws is reset. */
export async function openServer(
  options: Omit<Http2ServerOptions, 'onError'> & Partial<Http2ServerOptions>,
): Promise<OpenServer> {
  const server = new Http2Server({
    onError: (_error, stream) => stream?.reset(Http2ErrorCode.INTERNAL_ERROR),
    ...options,
  });
  const listener = createServer({ noDelay: true, allowHalfOpen: true }, (socket) =>
    server.accept(new NetByteSocket(socket)),
  );
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    server,
    async [Symbol.asyncDispose]() {
      listener.close();
      await server.close(0);
    },
  };
}
