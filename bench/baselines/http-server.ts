import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { JSON_REPLY } from './fixed-reply.ts';

// HTTP/1.1 servers that store nothing. SERVER is `bare` (node:http reads the body and answers) or `framework` (the same
// in a Hono route on @hono/node-server).

const port = Number(process.env.PORT);
const hostname = '127.0.0.1';
const headers = { 'content-type': 'application/json' };

if (process.env.SERVER === 'framework') {
  const app = new Hono();
  app.post('/v1/votes', async (context) => {
    await context.req.arrayBuffer();
    return context.body(JSON_REPLY, 202, headers);
  });
  createServer(getRequestListener((request) => app.fetch(request))).listen(port, hostname);
} else {
  const fixed = { ...headers, 'content-length': JSON_REPLY.length };
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(202, fixed).end(JSON_REPLY));
  });
  server.listen(port, hostname);
}
