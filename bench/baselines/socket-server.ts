import { createServer } from 'node:net';
import { batchReply, JSON_REPLY } from './fixed-reply.ts';

// The physical limit of a request: a TCP socket answers each request with the bytes of a complete reply. It parses
// nothing and relies on the driver having one request in flight per connection and sending it in one write. VOTES is
// the size of a batch; 1: a single vote.

const votes = Number(process.env.VOTES ?? 1);
const BODY = votes === 1 ? JSON_REPLY : batchReply(votes);
const HEAD = `HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\ncontent-length: ${BODY.length}\r\n\r\n`;
const REPLY = Buffer.from(HEAD + BODY);

createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(REPLY));
  socket.on('error', () => socket.destroy());
}).listen(Number(process.env.PORT), '127.0.0.1');
