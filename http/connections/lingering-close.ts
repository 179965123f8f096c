import type { Socket } from 'node:net';

/**
 * Flushes pending writes, closes this side, then discards input until the peer closes its side, for at most `lingerMs`.
 * Closing a socket with unread bytes sends a reset, which could overtake the answer.
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
