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

/** Every plain socket reads into this buffer: a callback that keeps bytes must copy them. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * A connected socket without Nagle's delay. `protocols` are offered by ALPN over TLS.
 *
 * @param onData gets what arrives; the bytes are valid during the call
 * @throws {Error} if the target does not listen or speaks none of `protocols`
 */
export async function connectSocket(
  target: Target,
  protocols: readonly string[],
  onData: (chunk: Buffer) => void,
): Promise<Socket> {
  const { host, port } = target;
  // Without `onread` each read allocates 64 KiB and gives most of it back, which costs more than what is read.
  const onread = {
    buffer: readBuffer,
    callback(length: number) {
      onData(readBuffer.subarray(0, length));
      return true;
    },
  };
  const socket = target.tls
    ? connectTls({ host, port, servername: host, ALPNProtocols: [...protocols] })
    : connect({ host, port, onread });
  if (target.tls) socket.on('data', onData);
  await once(socket, target.tls ? 'secureConnect' : 'connect');
  socket.setNoDelay(true);
  // 'close' follows every error and ends the requests in flight.
  socket.on('error', (error) => {
    socket.destroy(error);
  });
  return socket;
}
