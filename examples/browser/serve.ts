/**
 * Serves index.html and forwards calls of VoteService to an edge, like a proxy in front of both: serve.ts <port> <edge>
 */
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';

const [port = '8088', edge = 'http://localhost:8080'] = process.argv.slice(2);
const page = readFileSync(new URL('./index.html', import.meta.url));

const server = createServer((req, res) => {
  if (!req.url?.startsWith('/votewire.v1.VoteService/')) {
    res.writeHead(req.url === '/' ? 200 : 404, { 'content-type': 'text/html' });
    res.end(req.url === '/' ? page : '');
    return;
  }
  const { method, headers } = req;
  const forwarded = request(new URL(req.url, edge), { method, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  // Without an answer from the edge, the page treats the outcome as unknown.
  forwarded.on('error', () => res.destroy());
  req.pipe(forwarded);
});
server.listen(Number(port), () => console.log(`Open http://localhost:${port}`));
