import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import process from 'node:process';
import { type Duplex, duplexPair } from 'node:stream';
import { Random } from '../../http2/fuzz/random.ts';
import { runFuzzer } from '../../http2/fuzz/run-fuzzer.ts';
import { VoteRecognizer } from '../vote-recognizer.ts';

/**
 * Sequences of valid and invalid requests, cut anywhere: `npm run fuzz -- http1 --minutes 5`. The recognizer with
 * `node:http` behind it must read the same requests as `node:http` alone, whichever of the two serves them.
 */
const turn = () => new Promise(setImmediate);
const MAX_BODY_BYTES = 300;

interface Read {
  readonly head: string;
  /** Undefined if it did not end, or `node:http` closed the connection before passing the body on. */
  body?: string;
}

/** Requests read by `node:http`, by connection. */
const seen = new WeakMap<object, Read[]>();
/** JSON has null in place of undefined. */
const describe = (...fields: readonly unknown[]) => JSON.stringify(fields);

const node = createServer(async (req, res) => {
  const { method = '', url = '', headers, socket } = req;
  const names = ['content-type', 'authorization', 'x-forwarded-for', 'traceparent', 'x-request-id'];
  const read: Read = { head: describe(method, url, ...names.map((name) => headers[name])) };
  seen.get(socket)?.push(read);
  try {
    read.body = Buffer.concat(await req.toArray()).toString('latin1');
  } catch {
    // The body did not end.
  }
  res.end();
});

let recognized = 0;
const recognizer = new VoteRecognizer({
  bodyLimit: (type) => (type.startsWith('application/json') ? MAX_BODY_BYTES : undefined),
  onVotes: (exchange) => {
    const { query, contentType, authorization, forwardedFor, traceparent, requestId } = exchange.head;
    const url = query === '' ? '/v1/votes' : `/v1/votes?${query}`;
    const head = describe('POST', url, contentType, authorization, forwardedFor, traceparent, requestId);
    current?.push({ head, body: exchange.body.toString('latin1') });
    recognized++;
    const answer = () => exchange.reply({ status: 202, type: 'text/plain', body: '' });
    if (exchange.body.length % 2 === 0) answer();
    else setImmediate(answer);
  },
  handOver: (socket) => node.emit('connection', socket),
});
let current: Read[] | undefined;

process.on('exit', () => console.log(`${recognized} requests were recognized`));

function header(random: Random): string {
  const value = random.pick(['', ' ', '  ', '\t']) + random.text(random.int(8)) + random.pick(['', '', ' ']);
  return random.pick([
    `X-${random.int(4)}: ${random.text(1 + random.int(9))}`,
    'User-Agent: curl/8.0 (x86)',
    'Accept: */*',
    `Authorization: Bearer ${random.text(5)}`,
    `X-Forwarded-For: 10.0.0.${random.int(9)}, ::1`,
    `traceparent: 00-${random.text(random.int(9))}-01`,
    `X-Request-ID: ${random.text(1 + random.int(9))}`,
    'Connection: keep-alive',
    'connection: Keep-Alive',
    ...(random.oneIn(6)
      ? [
          `X-Odd:${value}`,
          `X Odd: a`,
          'Connection: close',
          'Transfer-Encoding: chunked',
          'Transfer-Encoding : chunked',
          'Content-Length: 1',
          'Content-length : 3',
          'Content_Length: 3',
          'Expect: 100-continue',
          'Cookie: a=b',
          ' folded: x',
          '',
          ': x',
          'Host: other',
        ]
      : []),
  ]);
}

function request(random: Random): string {
  if (random.oneIn(12)) return `GET /${random.int(9)} HTTP/1.1\r\nHost: h\r\n\r\n`;
  const body = random.text(random.oneIn(10) ? 250 + random.int(100) : random.int(40));
  const odd = random.oneIn(8);
  const line = odd
    ? random.pick([
        'POST /v1/votes HTTP/1.0',
        'POST /v1/votes?x HTTP/1.1',
        'POST  /v1/votes HTTP/1.1',
        'POST /v1/votes',
      ])
    : random.pick([
        'POST /v1/votes HTTP/1.1',
        'POST /v1/votes HTTP/1.1',
        'POST /v1/votes?wait=counted HTTP/1.1',
        'POST /v1/votes?outcomes=each HTTP/1.1',
      ]);
  const length = random.oneIn(12)
    ? random.pick(['+1', '0x1', '1,1', '', '01', `${body.length + 1}`])
    : `${body.length}`;
  const headers = [
    random.oneIn(20) ? 'X: y' : 'Host: localhost:8080',
    `Content-Type: ${random.pick(['application/json', 'application/json', 'application/json; charset=utf-8', 'text/x'])}`,
    `${random.pick(['Content-Length', 'content-length'])}: ${length}`,
  ];
  for (let count = random.int(4); count > 0; count--) headers.splice(random.int(4), 0, header(random));
  const end = random.oneIn(25) ? random.pick(['\n', '\r', '\r\r\n', '\n\r']) : '\r\n';
  return `${line}${end}${headers.join(random.oneIn(25) ? '\n' : '\r\n')}\r\n\r\n${body}`;
}

await runFuzzer('http1', async (seed) => {
  const random = new Random(seed);
  let text = Array.from({ length: 1 + random.int(5) }, () => request(random)).join('');
  if (random.oneIn(3)) {
    const at = random.int(text.length);
    text = text.slice(0, at) + String.fromCharCode(random.int(256)) + text.slice(at + random.int(2));
  }
  const bytes = Buffer.from(text, 'latin1');
  const cuts = random.oneIn(2) ? random.int(12) : 0;
  const parts = cut(
    bytes,
    Array.from({ length: cuts }, () => random.int(bytes.length)),
  );
  const alone = await converse(parts, (socket) => node.emit('connection', socket));
  const together = await converse(parts, (socket) => recognizer.accept(socket));
  // `node:http` passes on a request whose body has not ended; the recognizer does not.
  if (alone.at(-1)?.body === undefined && together.length === alone.length - 1) alone.pop();
  assert.deepEqual(
    together.map(({ head }) => head),
    alone.map(({ head }) => head),
    JSON.stringify(text),
  );
  for (const [i, { body }] of alone.entries()) {
    const other = together[i]?.body;
    if (body !== undefined && other !== undefined) assert.equal(other, body, JSON.stringify(text));
  }
});

function cut(bytes: Buffer, cuts: number[]): Buffer[] {
  const ends = [...cuts.sort((a, b) => a - b), bytes.length];
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end)).filter((part) => part.length > 0);
}

async function converse(parts: readonly Buffer[], serve: (socket: Socket) => void): Promise<Read[]> {
  const [near, far] = duplexPair() as [Duplex, Duplex];
  const list: Read[] = [];
  seen.set(far, list);
  current = list;
  // A duplex has everything of a socket that the servers use.
  serve(far as Socket);
  near.on('error', () => undefined).resume();
  far.on('error', () => undefined);
  for (const part of parts) {
    if (!near.destroyed) near.write(part);
    await turn();
  }
  for (let turns = 0; turns < 12; turns++) await turn();
  const requests = list.map((read) => ({ ...read }));
  near.destroy();
  far.destroy();
  await turn();
  return requests;
}
