import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { converse } from './testing/converse.ts';
import { openVotes } from './testing/open-votes.ts';
import type { VoteExchange } from './vote-exchange.ts';

const vote = (body: string, more = '') =>
  `POST /v1/votes HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Bodies of the responses, in order. */
function bodies(heard: string): string[] {
  return heard
    .split(/HTTP\/1\.1 (?=\d{3} )/)
    .slice(1)
    .map((response) =>
      response.slice(response.indexOf('\r\n\r\n') + 4).replace(/^[0-9a-f]+\r\n([\s\S]*)\r\n0\r\n\r\n$/, '$1'),
    );
}

test('answers votes with the headers of a response', async () => {
  await using server = await openVotes();
  const heard = await converse(server.port, [vote('{"a":1}')]);
  expect(heard).toMatch(
    /^HTTP\/1.1 202 Accepted\r\ncontent-type: text\/plain\r\ncontent-length: 19\r\ndate: [^\r]+ GMT\r\n(connection: close\r\n)?\r\nvotes false \{"a":1\}$/,
  );
});

test('answers pipelined votes in order, whatever the order of their outcomes', async () => {
  const open: VoteExchange[] = [];
  await using server = await openVotes({ onVotes: (exchange) => void open.push(exchange) });
  const heard = converse(server.port, [vote('a') + vote('b') + vote('c')]);
  await expect.poll(() => open.length).toBe(3);
  for (const exchange of open.toReversed()) {
    exchange.reply({ status: 200, type: 'text/plain', body: `for ${exchange.body}` });
    exchange.reply({ status: 500, type: 'text/plain', body: 'not again' });
    await wait(5);
  }
  expect(bodies(await heard)).toEqual(['for a', 'for b', 'for c']);
});

describe('hands over', () => {
  test('a connection that begins with another request', async () => {
    await using server = await openVotes();
    expect(bodies(await converse(server.port, [get('/x')]))).toEqual(['node GET /x ']);
  });

  test('a connection after votes, with everything that follows, including votes', async () => {
    await using server = await openVotes();
    const heard = await converse(server.port, [vote('a') + get('/x') + vote('b') + get('/y')]);
    expect(bodies(heard)).toEqual(['votes false a', 'node GET /x ', 'node POST /v1/votes b', 'node GET /y ']);
  });

  test('only after earlier votes are answered', async () => {
    const open: VoteExchange[] = [];
    await using server = await openVotes({ onVotes: (exchange) => void open.push(exchange) });
    const last = vote('b', 'Connection: close\r\n');
    const heard = converse(server.port, [vote('a'), get('/x'), last], false);
    await wait(30);
    open[0]?.reply({ status: 200, type: 'text/plain', body: 'a' });
    expect(bodies(await heard)).toEqual(['a', 'node GET /x ', 'node POST /v1/votes b']);
    expect(open).toHaveLength(1);
  });

  test('votes with a body that is too large, or of another type', async () => {
    await using server = await openVotes();
    const large = 'x'.repeat(5_000);
    expect(bodies(await converse(server.port, [vote(large)]))).toEqual([`node POST /v1/votes ${large}`]);
    const form = vote('a=b').replace('application/json', 'application/x-www-form-urlencoded');
    expect(bodies(await converse(server.port, [form]))).toEqual(['node POST /v1/votes a=b']);
  });

  test('a head in many pieces', async () => {
    await using server = await openVotes();
    const bytes = [...vote('a')];
    expect(bodies(await converse(server.port, bytes))).toEqual(['node POST /v1/votes a']);
  });
});

test.each([2, 3, 5, 7])('requests in %d pieces', async (pieces) => {
  await using server = await openVotes();
  const text = vote('first') + vote('second');
  const size = Math.ceil(text.length / pieces);
  const parts = Array.from({ length: pieces }, (_, i) => text.slice(i * size, (i + 1) * size));
  expect(bodies(await converse(server.port, parts))).toEqual(['votes false first', 'votes false second']);
});

test('every cut of two votes and another request', async () => {
  await using server = await openVotes();
  const text = vote('a') + vote('bc') + get('/x');
  const cuts = Array.from({ length: text.length }, (_, cut) => [text.slice(0, cut), text.slice(cut)]);
  const heard = await Promise.all(cuts.map((parts) => converse(server.port, parts)));
  for (const each of heard) expect(bodies(each)).toEqual(['votes false a', 'votes false bc', 'node GET /x ']);
});

test('a body that arrives byte by byte', async () => {
  await using server = await openVotes();
  const [head = '', body = ''] = [vote('x'.repeat(300)).slice(0, -300), 'x'.repeat(300)];
  expect(bodies(await converse(server.port, [head, ...body]))).toEqual([`votes false ${body}`]);
});

test('pipelined requests beyond the limit wait in the client', async () => {
  const open: VoteExchange[] = [];
  await using server = await openVotes({ limits: { pipelined: 3 }, onVotes: (exchange) => void open.push(exchange) });
  const numbers = Array.from({ length: 10 }, (_, i) => `${i}`);
  const heard = converse(server.port, [numbers.map((i) => vote(i)).join('')]);
  await wait(50);
  for (let i = 0; i < 10; i++) {
    expect(open.length).toBeLessThanOrEqual(i + 3);
    await expect.poll(() => open.length).toBeGreaterThan(i);
    open[i]?.reply({ status: 200, type: 'text/plain', body: `${open[i]?.body}` });
    await wait(5);
  }
  expect(bodies(await heard)).toEqual(numbers);
});

describe('time', () => {
  const limits = { headersMs: 200, requestMs: 200, keepAliveMs: 200 };

  test.each([
    ['a head that does not end', 'POST /v1/votes HTTP/1.1\r\nHost: h\r\n'],
    ['a body that does not end', vote('abc').slice(0, -1)],
  ])('%s', async (_name, text) => {
    await using server = await openVotes({ limits });
    expect(await converse(server.port, [text], false)).toMatch(/^HTTP\/1.1 408 /);
    await expect.poll(() => server.recognizer.connections).toBe(0);
  });

  test('a connection between requests', async () => {
    await using server = await openVotes({ limits });
    expect(bodies(await converse(server.port, [vote('a')], false))).toEqual(['votes false a']);
  });

  test('a handed-over connection has the limits of node:http', async () => {
    await using server = await openVotes({
      limits,
      request: (_req, res) => setTimeout(() => res.end('late'), 500),
    });
    const request = get('/').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
    expect(bodies(await converse(server.port, [request], false))).toEqual(['late']);
    expect(server.recognizer.connections).toBe(0);
  });
});

test('a stop answers read requests, and one more on an idle connection, and then ends the connection', async () => {
  const open: VoteExchange[] = [];
  await using server = await openVotes({
    limits: { stopIdleMs: 300 },
    onVotes: (exchange) => void open.push(exchange),
  });
  const busy = converse(server.port, [vote('a')], false);
  const idle = converse(server.port, [], false);
  const kept = connect({ port: server.port, host: '127.0.0.1' });
  kept.write(vote('b'));
  await expect.poll(() => [open.length, server.recognizer.connections]).toEqual([2, 3]);
  open[1]?.reply({ status: 200, type: 'text/plain', body: 'b' });
  await once(kept, 'data');
  const closed = server.recognizer.close(5_000);
  kept.write(vote('c'));
  await expect.poll(() => open.length).toBe(3);
  open[2]?.reply({ status: 200, type: 'text/plain', body: 'c' });
  const [last] = await once(kept, 'data');
  expect(`${last}`).toMatch(/\r\nconnection: close\r\n[\s\S]*c$/);
  await once(kept, 'end');
  expect(await idle).toBe('');
  open[0]?.reply({ status: 200, type: 'text/plain', body: 'a' });
  expect(await busy).toMatch(/\r\nconnection: close\r\n/);
  await closed;
});

test('a client that does not read its answers is not read further, and is disconnected after a time', async () => {
  let votes = 0;
  const answer = 'x'.repeat(50_000);
  await using server = await openVotes({
    limits: { stalledMs: 500 },
    onVotes: (exchange) => {
      votes++;
      exchange.reply({ status: 200, type: 'text/plain', body: answer });
    },
  });
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  socket.on('error', () => socket.destroy()).pause();
  socket.write(vote('a').repeat(5_000));
  await wait(300);
  expect(votes).toBeLessThan(1_000);
  await expect.poll(() => server.recognizer.connections, { timeout: 5_000 }).toBe(0);
  socket.destroy();
});
