import type { Socket } from 'node:net';
import { PREFACE } from '../http2/frames/frame.ts';

/**
 * Detects the protocol of a connection from its first bytes, and passes them on. HTTP/2 with prior knowledge begins
 * with a fixed preface (RFC 9113, 3.4), which no HTTP/1.1 request does; it may arrive in pieces. A connection that
 * stays silent for `silentMs` is closed, unless its bytes only wait to be read: if the process was blocked, the timer
 * fires before the bytes are read.
 */
export function sniffProtocol(
  socket: Socket,
  silentMs: number,
  found: (protocol: 'http1' | 'http2', head: Buffer) => void,
): void {
  let head: Buffer | undefined;
  const onData = (chunk: Buffer) => {
    head = head === undefined ? chunk : Buffer.concat([head, chunk]);
    const compared = Math.min(head.length, PREFACE.length);
    const matches = head.compare(PREFACE, 0, compared, 0, compared) === 0;
    if (matches && head.length < PREFACE.length) return;
    leave();
    found(matches ? 'http2' : 'http1', head);
  };
  const destroy = () => socket.destroy();
  let cut: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    cut = setImmediate(destroy);
  }, silentMs);
  const onClose = () => {
    clearTimeout(timer);
    clearImmediate(cut);
  };
  const leave = () => {
    onClose();
    socket.off('data', onData).off('error', destroy).off('end', destroy).off('close', onClose);
  };
  socket.on('data', onData).on('error', destroy).on('end', destroy).on('close', onClose);
}
