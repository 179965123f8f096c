import { createServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import { JSON_REPLY } from './fixed-reply.ts';

// Answers every request DELAY_MS after it arrived: with few connections its throughput depends on nothing but their
// number. Two generators that send as fast as replies come must find the same. HTTP/1.1 on PORT, HTTP/2 on HTTP2_PORT.

/** So long that what a generator needs itself between a reply and the next request does not show, on a slow machine. */
const DELAY_MS = 10;

/** What both kinds of response have. */
interface Reply {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

function answer(request: { resume(): unknown }, response: Reply) {
  request.resume();
  setTimeout(() => {
    response.writeHead(202, { 'content-type': 'application/json' });
    response.end(JSON_REPLY);
  }, DELAY_MS);
}

createServer(answer).listen(Number(process.env.PORT), '127.0.0.1');
createHttp2Server(answer).listen(Number(process.env.HTTP2_PORT), '127.0.0.1');
