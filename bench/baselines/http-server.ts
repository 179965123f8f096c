import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { baselineCodec } from './baseline-codec.ts';
import { JSON_REPLY } from './fixed-reply.ts';

// The ladder's HTTP servers, one rung a process. RUNG is `bare` (the runtime's own server reads the body and answers),
// `framework` (the same through a Hono route) or `codec` (and the WASM codec encodes the vote, where the edge does: on Node
// beneath the framework, in a route of it elsewhere). None of them stores.

declare const Bun: { serve(options: { port: number; hostname: string; fetch: Handler }): unknown } | undefined;
declare const Deno: { serve(options: { port: number; hostname: string }, fetch: Handler): unknown } | undefined;
type Handler = (request: Request) => Response | Promise<Response>;

const port = Number(process.env.PORT);
const hostname = '127.0.0.1';
const headers = { 'content-type': 'application/json' };

async function fetchHandler(rung: string): Promise<Handler> {
  if (rung === 'bare') {
    return async (request) => {
      await request.arrayBuffer();
      return new Response(JSON_REPLY, { status: 202, headers });
    };
  }
  const app = new Hono();
  if (rung === 'framework') {
    app.post('/v1/votes', async (context) => {
      await context.req.arrayBuffer();
      return context.body(JSON_REPLY, 202, headers);
    });
  } else {
    const codec = await baselineCodec('wasm');
    app.post('/v1/votes', async (context) => {
      const encoded = codec.encodeJson(new Uint8Array(await context.req.arrayBuffer()));
      return encoded.count === 1 ? context.body(JSON_REPLY, 202, headers) : context.body('{}', 422, headers);
    });
  }
  return (request) => app.fetch(request);
}

const rung = process.env.RUNG ?? 'bare';
if (typeof Bun !== 'undefined') Bun.serve({ port, hostname, fetch: await fetchHandler(rung) });
else if (typeof Deno !== 'undefined') Deno.serve({ port, hostname }, await fetchHandler(rung));
else if (rung === 'framework') createServer(getRequestListener(await fetchHandler(rung))).listen(port, hostname);
else {
  const fixed = { ...headers, 'content-length': JSON_REPLY.length };
  const codec = rung === 'codec' ? await baselineCodec('wasm') : undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [first, ...more] = chunks;
      const body = first !== undefined && more.length === 0 ? first : Buffer.concat(chunks);
      const refused = codec !== undefined && codec.encodeJson(body).count !== 1;
      response.writeHead(refused ? 422 : 202, fixed);
      response.end(JSON_REPLY);
    });
  });
  server.listen(port, hostname);
}
