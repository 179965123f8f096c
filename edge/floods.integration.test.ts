import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, type RedisServer, startRedisServer } from '../supervisor/redis/redis-server.ts';
import { Http2ErrorCode } from './http2/error-code.ts';
import { Flag, FrameType, Setting } from './http2/frames/frame.ts';
import { frame, literalBlock, open, RawPeer, REQUEST, setting, uint32 } from './http2/testing/raw-peer.ts';
import { type EdgeProcess, startEdgeProcess } from './testing/edge-process.ts';

const VOTE = JSON.stringify({ contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' });
const VOTES_PER_SECOND = 1_000;
const TICK_MS = 10;
const MAX_GROWTH_BYTES = 64 << 20;
const SETTLED_BYTES = 4 << 20;

interface Attack {
  /** Attacks until `stopped`; returns the error codes that ended its connections. */
  readonly run: (port: number, stopped: () => boolean) => Promise<readonly (number | undefined)[]>;
  /** The expected code of every connection; undefined: connections need not be ended. */
  readonly code?: number;
}

/** Repeats the frames on one connection, and on a new one when it is ended. */
function flood(frames: (round: number) => Buffer): Attack {
  return {
    code: Http2ErrorCode.ENHANCE_YOUR_CALM,
    async run(port, stopped) {
      const codes: (number | undefined)[] = [];
      while (!stopped()) {
        using peer = await RawPeer.connect(port);
        for (let round = 0; !peer.socket.destroyed && !stopped(); round++) {
          peer.send(frames(round));
          await new Promise(setImmediate);
        }
        if (peer.socket.destroyed) codes.push(await peer.goAwayCode());
        // About as fast as a client on another machine reconnects.
        await delay(30);
      }
      return codes;
    },
  };
}

const many = (count: number, part: (at: number) => Buffer) =>
  Buffer.concat(Array.from({ length: count }, (_, at) => part(at)));

const attacks: Readonly<Record<string, Attack>> = {
  'rapid reset, with reconnects': flood((round) =>
    many(50, (at) => {
      const id = 2 * (50 * round + at) + 1;
      return Buffer.concat([open(id, { ':path': '/v1/votes' }), frame(FrameType.RST_STREAM, 0, id, uint32(8))]);
    }),
  ),
  PING: flood(() => many(100, () => frame(FrameType.PING, 0, 0, Buffer.alloc(8)))),
  SETTINGS: flood(() => many(100, () => frame(FrameType.SETTINGS, 0, 0, setting(Setting.MAX_CONCURRENT_STREAMS, 1)))),
  'empty DATA': flood((round) =>
    Buffer.concat([
      round === 0 ? open(1, { ':path': '/v1/votes', 'content-type': 'application/json' }) : Buffer.alloc(0),
      many(100, () => frame(FrameType.DATA, 0, 1)),
    ]),
  ),
  CONTINUATION: flood((round) =>
    round === 0
      ? frame(FrameType.HEADERS, 0, 1, literalBlock(REQUEST))
      : frame(FrameType.CONTINUATION, 0, 1, Buffer.alloc(1_000, 0x40)),
  ),
  'zero windows, held open': {
    async run(port, stopped) {
      const peers = await Promise.all(
        Array.from({ length: 20 }, () => RawPeer.connect(port, setting(Setting.INITIAL_WINDOW_SIZE, 0))),
      );
      for (const peer of peers) {
        peer.send(many(100, (at) => open(2 * at + 1, { ':method': 'GET', ':path': '/v1/contests' }, Flag.END_STREAM)));
      }
      while (!stopped()) await delay(50);
      for (const peer of peers) peer[Symbol.dispose]();
      return [];
    },
  },
  'pipelined pages that are not read': {
    async run(port, stopped) {
      const get = 'GET /c/cats-vs-dogs HTTP/1.1\r\nHost: edge\r\n\r\n';
      const sockets = Array.from({ length: 10 }, () => {
        const socket = connect(port, '127.0.0.1').pause();
        socket.on('error', () => socket.destroy());
        socket.write(get.repeat(2_000));
        return socket;
      });
      while (!stopped()) await delay(50);
      for (const socket of sockets) socket.destroy();
      return [];
    },
  },
};

/** Votes over HTTP/2 at a fixed rate; resolves to the failures. */
async function voteHonestly(url: string, ms: number): Promise<readonly string[]> {
  const session = connectHttp2(url);
  const failures: string[] = [];
  const cast = () =>
    new Promise<void>((resolve) => {
      const stream = session.request({ ':method': 'POST', ':path': '/v1/votes', 'content-type': 'application/json' });
      let status: number | undefined;
      stream.on('response', (headers) => {
        status = headers[':status'];
      });
      stream.on('error', (error) => failures.push(error.message));
      stream.on('close', () => {
        if (status !== 202) failures.push(`status ${status}`);
        resolve();
      });
      stream.resume().end(VOTE);
    });
  const casts: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let sent = 0; performance.now() - startedAt < ms; await delay(TICK_MS)) {
    const due = ((performance.now() - startedAt) * VOTES_PER_SECOND) / 1_000;
    // A slow machine may fall behind; the number of calls in flight is limited.
    for (let i = 0; sent < due && i < 100; i++, sent++) casts.push(cast());
  }
  await Promise.all(casts);
  session.close();
  expect(casts.length).toBeGreaterThan(VOTES_PER_SECOND / 10);
  return failures;
}

describe('honest votes at 1,000 a second beside', () => {
  let dir: string;
  let redis: RedisServer;
  let edge: EdgeProcess;
  const residentBytes = () => {
    const pid = /"pid":(\d+)/.exec(edge.output())?.[1];
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
  };

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'votewire-floods-'));
    redis = await startRedisServer({ dir, port: await freePort() });
    edge = await startEdgeProcess('node', { REDIS_URL: redis.url, DATA_DIR: dir });
    // Measures the memory that honest votes need: V8's heap grows for the first rounds, then settles.
    for (let round = 0, grown = Number.POSITIVE_INFINITY; round < 8 && grown > SETTLED_BYTES; round++) {
      const before = residentBytes();
      expect(await voteHonestly(edge.httpUrl, 2_000)).toStrictEqual([]);
      grown = residentBytes() - before;
    }
  });

  afterAll(async () => {
    await edge?.[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  });

  test.each(Object.entries(attacks))('%s: all succeed, and memory stays bounded', async (_name, { run, code }) => {
    const before = residentBytes();
    let stopped = false;
    const attack = run(Number(new URL(edge.httpUrl).port), () => stopped);
    const failures = await voteHonestly(edge.httpUrl, 3_000);
    const growth = residentBytes() - before;
    stopped = true;
    const codes = await attack;
    expect(failures).toStrictEqual([]);
    expect(growth).toBeLessThan(MAX_GROWTH_BYTES);
    if (code === undefined) return;
    // A peer that is still writing when the connection closes may lose the GOAWAY to a TCP reset.
    const received = codes.filter((each) => each !== undefined);
    expect(received.length).toBeGreaterThan(0);
    expect(new Set(received)).toStrictEqual(new Set([code]));
  });
});
