import type { Socket } from 'node:net';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/**
 * Finds out from a connection's first bytes what it speaks, puts them back and tells. HTTP/2 with prior knowledge
 * begins with a fixed preface (RFC 9113, 3.4), which no request of HTTP/1.1 does; it may come in pieces.
 * A connection that stays silent for `silentMs` is cut.
 */
export function sniffProtocol(socket: Socket, silentMs: number, tell: (protocol: 'http1' | 'http2') => void): void {
  let head: Buffer | undefined;
  const onReadable = () => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      head = head === undefined ? chunk : Buffer.concat([head, chunk]);
    }
    if (head === undefined) return;
    const compared = Math.min(head.length, PREFACE.length);
    const matches = head.compare(PREFACE, 0, compared, 0, compared) === 0;
    if (matches && head.length < PREFACE.length) return;
    leave();
    socket.unshift(head);
    tell(matches ? 'http2' : 'http1');
  };
  const onError = () => socket.destroy();
  const onEnd = () => socket.destroy();
  const timer = setTimeout(onEnd, silentMs);
  const leave = () => {
    clearTimeout(timer);
    socket.removeListener('readable', onReadable);
    socket.removeListener('error', onError);
    socket.removeListener('end', onEnd);
    socket.removeListener('close', onClose);
  };
  const onClose = () => clearTimeout(timer);
  socket.on('readable', onReadable);
  socket.on('error', onError);
  socket.on('end', onEnd);
  socket.on('close', onClose);
}
