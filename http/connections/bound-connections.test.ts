import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../../tests/support/wait-for.ts';
import { boundConnections } from './bound-connections.ts';
import { TurnGate } from './turn-gate.ts';

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n';
const REQUESTS = 2_000;

interface Bounded {
  /** Number of requests that `node:http` has parsed. */
  readonly parsed: () => number;
  readonly open: () => Promise<number>;
  connect(): { readonly heard: () => string; send(text: string): void; leave(): void };
}

async function bounded(listener: RequestListener): Promise<Bounded> {
  let parsed = 0;
  const server = createServer(() => parsed++);
  boundConnections(server, listener, { reads: new TurnGate(), lingerMs: 100 });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    parsed: () => parsed,
    open: () => new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    connect() {
      const socket = connect(port, '127.0.0.1');
      let heard = '';
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      return { heard: () => heard, send: (text) => void socket.write(text), leave: () => void socket.destroy() };
    },
  };
}

const okCount = (heard: string) => heard.split('HTTP/1.1 200').length - 1;

test.each([
  ['one read is', GET, 1],
  ['four other requests are', POST, 4],
])('%s processed at once, few are parsed ahead, and all are answered', async (_name, request, most) => {
  const running: ServerResponse[] = [];
  const server = await bounded((_req, res) => void running.push(res));
  const client = server.connect();
  client.send(request.repeat(REQUESTS));
  for (let answered = 0; answered < REQUESTS; ) {
    await waitFor(() => running.length > 0, { everyMs: 1 });
    expect(running.length).toBeLessThanOrEqual(most);
    expect(server.parsed() - answered).toBeLessThanOrEqual(64);
    answered += running.length;
    for (const res of running.splice(0)) res.end('ok');
  }
  await waitFor(() => okCount(client.heard()) === REQUESTS);
});

test('no request begins after its client has left', async () => {
  const running: ServerResponse[] = [];
  const server = await bounded((_req, res) => void running.push(res));
  const client = server.connect();
  client.send(GET.repeat(REQUESTS));
  await waitFor(() => running.length === 1);
  client.leave();
  // The connection is not read while requests wait, so only writing answers reveals that the client has left.
  await waitFor(async () => {
    for (const res of running) res.end('ok');
    return (await server.open()) === 0;
  });
  await new Promise(setImmediate);
  expect(running.length).toBeLessThan(20);
});

test('a body in many pieces arrives complete, also behind waiting requests', async () => {
  const held: ServerResponse[] = [];
  const server = await bounded((req, res) => {
    if (req.method === 'GET') return held.push(res);
    let body = '';
    req.setEncoding('latin1').on('data', (text) => {
      body += text;
    });
    return req.on('end', () => res.end(body));
  });
  const client = server.connect();
  const body = Array.from({ length: 100_000 }, (_, at) => at.toString(36)).join(',');
  client.send(`${GET.repeat(5)}POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}${GET}`);
  for (let answered = 0; answered < 6; answered++) {
    await waitFor(() => held.length > answered);
    held[answered]?.end('ok');
  }
  await waitFor(() => okCount(client.heard()) === 7);
  expect(client.heard()).toContain(`\r\n\r\n${body}HTTP/1.1 200`);
});

test('few requests are parsed behind a body that is parsed at once', async () => {
  const running: ServerResponse[] = [];
  const server = await bounded((req, res) => void req.resume().on('end', () => running.push(res)));
  const client = server.connect();
  const body = GET.repeat(1_000);
  client.send(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${body.length}\r\n\r\n${body}${GET.repeat(REQUESTS)}`);
  await waitFor(() => running.length > 0);
  expect(server.parsed()).toBeLessThanOrEqual(64);
});

test('parses nothing after a request that ends the connection', async () => {
  const server = await bounded((_req, res) => void res.writeHead(413, { connection: 'close' }).end());
  const client = server.connect();
  client.send(GET.repeat(REQUESTS));
  await waitFor(async () => client.heard() !== '' && (await server.open()) === 0);
  expect(client.heard().split('HTTP/1.1 413').length).toBe(2);
  expect(server.parsed()).toBeLessThanOrEqual(64);
});
