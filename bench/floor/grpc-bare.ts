import { createServer } from 'node:http2';

/** The ladder's first rung for gRPC: node:http2 reads the message and answers with a fixed receipt. */
const RECEIPT = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const REPLY = Buffer.concat([
  Buffer.from([0, 0, 0, 0, RECEIPT.length + 4, 0x0a, RECEIPT.length]),
  Buffer.from(RECEIPT),
  Buffer.from([0x10, 1]),
]);

const server = createServer();
server.on('stream', (stream) => {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('end', () => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(REPLY);
  });
  stream.on('error', () => stream.close());
});
server.listen(Number(process.env.PORT), '127.0.0.1');
