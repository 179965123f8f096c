import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface Target {
  readonly host: string;
  readonly port: number;
}

export function parseTarget(url: string): Target {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

/** Every socket reads into this buffer, so callbacks must copy bytes that they keep. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * A connected socket without Nagle's delay.
 *
 * @param onData called with received bytes, which are valid during the call
 * @throws {Error} if the target does not listen
 */
export async function connectSocket(target: Target, onData: (chunk: Buffer) => void): Promise<Socket> {
  // Without `onread`, each read allocates 64 KiB and returns most of it, which costs more than the read.
  const onread = {
    buffer: readBuffer,
    callback(length: number) {
      onData(readBuffer.subarray(0, length));
      return true;
    },
  };
  const socket = connect({ ...target, noDelay: true, onread });
  await once(socket, 'connect');
  // 'close' follows every error and ends the requests in flight.
  socket.on('error', (error) => {
    socket.destroy(error);
  });
  return socket;
}
