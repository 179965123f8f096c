import type { Socket } from 'node:net';

/**
 * Sends what is written, closes this side, then reads and discards until the peer closes its own, for at most `lingerMs`.
 * Closing with unread bytes would turn the close into a reset, which overtakes the answer.
 */
export function lingeringClose(socket: Socket, lingerMs: number): void {
  if (socket.destroyed || lingering.has(socket)) return;
  lingering.add(socket);
  socket.end();
  socket.removeAllListeners('data');
  socket.on('data', ignore);
  socket.resume();
  const startTimer = () => {
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => clearTimeout(timer));
  };
  if (socket.writableFinished) startTimer();
  else socket.once('finish', startTimer);
}

const lingering = new WeakSet<Socket>();
const ignore = () => undefined;
