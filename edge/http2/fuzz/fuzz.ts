import assert from 'node:assert/strict';
import { createServer } from 'node:http2';
import { type Duplex, duplexPair } from 'node:stream';
import { Http2Server } from '../http2-server.ts';
import { frame } from '../testing/raw-peer.ts';
import { fuzzApp, nodeFuzzApp } from './fuzz-app.ts';
import { MemorySocket } from './memory-socket.ts';
import { ModelClient } from './model-client.ts';
import { Random } from './random.ts';
import { type FuzzResponse, ResponseReader } from './response-reader.ts';
import { runFuzzer } from './run-fuzzer.ts';
import { VIOLATIONS } from './violations.ts';

/**
 * Random sessions against the core, in memory: `npm run fuzz -- http2 --minutes 5`.
 *
 * - A client does what the protocol allows, in chunks cut anywhere. Every request must be answered with its own headers
 *   and body, within the windows. Without large bodies, `node:http2` must give the same answers to the same bytes.
 * - A client breaks one rule by as little as possible. The server must answer with the right code.
 * - Bytes of a session are changed at random. The server must not throw and must send only valid frames.
 */
const turn = () => new Promise(setImmediate);
/** Bytes that `node:http2` accepts without a window update. */
const NODE_WINDOW_BYTES = 60_000;
const CONNECTION_WINDOW_BYTES = 100_000;

let failure: unknown;

class Session {
  readonly random: Random;
  readonly reader = new ResponseReader();
  readonly socket = new MemorySocket((chunk) => this.reader.receive(chunk));
  readonly log: Buffer[] = [];

  constructor(server: Http2Server, random: Random) {
    this.random = random;
    server.accept(this.socket);
  }

  /** Sends the bytes in random pieces. */
  async send(bytes: Buffer): Promise<void> {
    this.log.push(bytes);
    for (let at = 0; at < bytes.length; ) {
      const end = this.random.oneIn(3) ? Math.min(bytes.length, at + 1 + this.random.int(50)) : bytes.length;
      this.socket.events?.received(Buffer.from(bytes.subarray(at, end)));
      at = end;
      if (this.random.oneIn(10)) await turn();
    }
    await turn();
  }

  close(): void {
    this.socket.events?.closed();
  }
}

const server = new Http2Server({
  onRequest: fuzzApp,
  onError: (error) => {
    failure ??= error;
  },
  limits: {
    streamWindowBytes: 65_535,
    connectionWindowBytes: CONNECTION_WINDOW_BYTES,
    emptyData: { burst: 1e6, perSecond: 0 },
  },
});

const nodeServer = createServer({ settings: { maxConcurrentStreams: 128 }, maxSessionInvalidFrames: 1e6 });
nodeServer.on('stream', (stream, _headers, _flags, rawHeaders) => nodeFuzzApp(stream, rawHeaders));
nodeServer.on('sessionError', () => undefined);

await runFuzzer('http2', async (seed) => {
  const random = new Random(seed);
  const mode = random.pick(['allowed', 'replayed', 'violation', 'mutated']);
  const session = new Session(server, random);
  const client = new ModelClient(random, session.reader, mode === 'replayed' ? NODE_WINDOW_BYTES : 400_000);
  await session.send(client.preface());
  for (let steps = random.int(40); steps > 0; steps--) await session.send(client.step());
  if (mode === 'violation') await violate(session, client);
  else if (mode === 'mutated') await mutate(session);
  else {
    await settle(session, client);
    if (mode === 'replayed') await compareWithNode(session, client);
  }
  session.close();
  assert.ifError(failure);
  assert.equal(server.connections, 0);
});

async function settle(session: Session, client: ModelClient): Promise<void> {
  await session.send(client.finish());
  const { responses, goAway } = session.reader;
  const missing = () => [...client.ended].filter((id) => responses.get(id)?.ended !== true);
  for (let turns = 0; turns < 50 && missing().length > 0; turns++) await turn();
  assert.equal(goAway, undefined, 'GOAWAY to a client that did nothing wrong');
  assert.deepEqual(missing(), [], 'Requests that are not answered');
  const resets = [...client.ended].filter((id) => responses.get(id)?.reset !== undefined);
  assert.deepEqual(resets, [], 'Requests that were reset');
  const credit = session.reader.credit.get(0) ?? 0;
  assert.ok(credit > CONNECTION_WINDOW_BYTES / 2, `Of the window of the connection, ${credit} bytes are left`);
}

async function violate(session: Session, client: ModelClient): Promise<void> {
  const { reader, random } = session;
  // Window updates in flight must arrive first.
  for (let turns = 0; turns < 4; turns++) await turn();
  const violation = random.pick(VIOLATIONS)({
    random,
    nextId: client.nextId,
    credit: reader.credit.get(0) ?? 0,
    streamCredit: reader.streamCredit,
    tableEntries: client.tableEntries,
  });
  if (violation === undefined) return;
  reader.expect(client.nextId, 2 ** 31 - 1);
  // Sent in one piece, because a turn of the event loop could return window.
  session.socket.events?.received(violation.bytes);
  await turn();
  const code = violation.ends === 'connection' ? reader.goAway : reader.responses.get(client.nextId)?.reset;
  assert.equal(code, violation.code, 'Wrong code for a violation');
  if (violation.ends === 'connection') return;
  // Frames in flight are ignored, and the connection stays usable.
  const { pingAnswers } = reader;
  await session.send(Buffer.concat([frame(0, 0, client.nextId, 'late'), frame(6, 0, 0, '12345678')]));
  await turn();
  assert.equal(reader.pingAnswers, pingAnswers + 1, 'The connection is dead after an error of a stream');
}

/** The right answers to noise are unknown, so only failures of the server itself count. */
async function mutate(session: Session): Promise<void> {
  const { random } = session;
  const bytes = Buffer.concat(session.log);
  for (let count = 1 + random.int(8); count > 0; count--) bytes[24 + random.int(bytes.length - 24)] = random.int(256);
  const socket = new MemorySocket(() => undefined);
  server.accept(socket);
  for (let at = 0; at < bytes.length; at += 5_000) {
    socket.events?.received(Buffer.from(bytes.subarray(at, at + 5_000)));
    await turn();
  }
  await turn();
  socket.events?.closed();
}

async function compareWithNode(session: Session, client: ModelClient): Promise<void> {
  const reader = new ResponseReader();
  for (const id of session.reader.responses.keys()) reader.expect(id, 2 ** 31 - 1);
  reader.window = 2 ** 40;
  const [near, far] = duplexPair() as [Duplex, Duplex];
  nodeServer.emit('connection', far);
  near.on('error', () => undefined).on('data', (chunk: Buffer) => reader.receive(chunk));
  for (const bytes of session.log) near.write(bytes);
  const missing = () => [...client.ended].filter((id) => reader.responses.get(id)?.ended !== true);
  for (let turns = 0; turns < 2_000 && missing().length > 0 && reader.goAway === undefined; turns++) await turn();
  near.write(frame(6, 0, 0, '12345678'));
  await turn();
  near.destroy();
  assert.deepEqual(missing(), [], `node:http2 does not answer, GOAWAY ${reader.goAway}`);
  for (const id of client.ended) {
    assert.equal(summary(session.reader.responses.get(id)), summary(reader.responses.get(id)), `Stream ${id}`);
  }
}

function summary(response: FuzzResponse | undefined): string {
  return `${response?.fields.join('\n')}\n${Buffer.concat(response?.data ?? []).toString('latin1')}`;
}
