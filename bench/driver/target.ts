import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Target {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}

export function parseTarget(url: string): Target {
  const { protocol, hostname, port } = new URL(url);
  const tls = protocol === 'https:';
  return { host: hostname, port: port ? Number(port) : tls ? 443 : 80, tls };
}

/**
 * A connected socket without Nagle's delay. `protocols` are offered by ALPN where there is TLS.
 *
 * @throws {Error} where nobody listens, or the peer does not speak any of `protocols`
 */
export async function connectSocket(target: Target, protocols: readonly string[]): Promise<Socket> {
  const { host, port } = target;
  const socket = target.tls
    ? connectTls({ host, port, servername: host, ALPNProtocols: [...protocols] })
    : connect({ host, port });
  await once(socket, target.tls ? 'secureConnect' : 'connect');
  socket.setNoDelay(true);
  // What becomes of requests in flight is told by 'close', which follows every error.
  socket.on('error', (error) => {
    socket.destroy(error);
  });
  return socket;
}
