import { connect } from 'node:net';

/** Sends the parts one event loop turn apart, and returns everything received until the server closes. */
export async function converse(port: number, parts: readonly (Uint8Array | string)[], end = true): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.on('end', resolve);
    socket.on('close', () => resolve());
  });
  for (const part of parts) {
    socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
    await new Promise<void>((resolve) => setTimeout(resolve, 1));
  }
  if (end) socket.end();
  await closed;
  socket.destroy();
  return Buffer.concat(chunks).toString('latin1');
}
