import { setTimeout as delay } from 'node:timers/promises';
import { Flag, FrameType, Setting } from '../../../edge/http2/frames/frame.ts';
import { frame, open, RawPeer, setting, uint32 } from '../../../edge/http2/testing/raw-peer.ts';
import type { Attack } from '../attack.ts';
import { holdRequests } from './hold-requests.ts';

const CONNECTIONS = 20;
const STREAMS = 100;
const BYTE_EVERY_MS = 50;

/** Clients that do not read the answers to their requests. */
export const slowReaders: readonly Attack[] = [
  zeroWindows('zero windows, held open', () => Buffer.alloc(0)),
  zeroWindows('windows opened byte by byte', (round) => {
    const stream = 2 * (round % STREAMS) + 1;
    return frame(FrameType.WINDOW_UPDATE, 0, stream, uint32(1));
  }),
  holdRequests('pages read by the byte', 'edge', {
    connections: 50,
    request: 'GET /c/cats-vs-dogs HTTP/1.1\r\nHost: edge\r\n\r\n'.repeat(200),
    readBytes: 1,
  }),
  holdRequests('votes whose answers are not read', 'edge', { connections: 20, request: pipelinedVotes(2_000) }),
  holdRequests('vote page streams that are not read', 'edge', {
    connections: 400,
    request: 'GET /v1/contests/cats-vs-dogs/live HTTP/1.1\r\nHost: edge\r\nAccept: text/event-stream\r\n\r\n',
  }),
  holdRequests('exports read by the byte', 'dashboard', {
    connections: 50,
    request: 'GET /api/logs/export?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n',
    readBytes: 1,
  }),
  holdRequests('log tails that are not read', 'dashboard', {
    connections: 400,
    request: 'GET /api/logs/events HTTP/1.1\r\nHost: localhost\r\n\r\n',
  }),
  holdRequests('result streams that are not read', 'dashboard', {
    connections: 400,
    request: 'GET /api/contests/cats-vs-dogs/events HTTP/1.1\r\nHost: localhost\r\n\r\n',
  }),
];

/** @param more frames that each connection sends from time to time */
function zeroWindows(name: string, more: (round: number) => Buffer): Attack {
  return {
    name,
    target: 'edge',
    async run(port, stopped) {
      const zero = setting(Setting.INITIAL_WINDOW_SIZE, 0);
      const connect = () => RawPeer.connect(port, zero);
      const peers = await Promise.all(Array.from({ length: CONNECTIONS }, connect));
      const get = { ':method': 'GET', ':path': '/v1/contests' };
      for (const peer of peers) {
        for (let at = 0; at < STREAMS; at++) peer.send(open(2 * at + 1, get, Flag.END_STREAM));
      }
      for (let round = 0; !stopped(); round++) {
        for (const peer of peers) peer.send(more(round));
        await delay(BYTE_EVERY_MS);
      }
      for (const peer of peers) peer[Symbol.dispose]();
      return [];
    },
  };
}

function pipelinedVotes(count: number): string {
  const vote = JSON.stringify({ contest: 'cats-vs-dogs', choice: 'dogs', voter: 'mallory' });
  const head = 'POST /v1/votes HTTP/1.1\r\nHost: edge\r\nContent-Type: application/json\r\n';
  return `${head}Content-Length: ${vote.length}\r\n\r\n${vote}`.repeat(count);
}
