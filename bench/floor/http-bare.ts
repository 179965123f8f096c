import { createServer } from 'node:http';

/** The ladder's first rung for HTTP: the runtime's own server reads the body and answers with a fixed receipt. */
const REPLY = JSON.stringify({ receipt: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', status: 'queued' });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.writeHead(202, { 'content-type': 'application/json', 'content-length': REPLY.length });
    response.end(REPLY);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1');
