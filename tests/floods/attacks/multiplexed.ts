import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { frame as message } from '../../../edge/grpc/framing/frame.ts';
import { Flag, FrameType, PREFACE } from '../../../edge/http2/frames/frame.ts';
import { frame, open, uint32 } from '../../../edge/http2/testing/raw-peer.ts';
import type { Attack } from '../attack.ts';

const CONNECTIONS = 20;
const STREAMS = 100;
const AGAIN_MS = 50;

/** Constantly as many concurrent reads as HTTP/2 allows. */
export const multiplexed: readonly Attack[] = [
  reads('multiplexed vote pages', (stream) =>
    open(stream, { ':method': 'GET', ':path': '/c/cats-vs-dogs' }, Flag.END_STREAM),
  ),
  reads('multiplexed calls for results', (stream) => {
    const headers = {
      ':path': '/votewire.v1.VoteService/ListContests',
      'content-type': 'application/grpc',
      te: 'trailers',
    };
    return Buffer.concat([
      open(stream, headers),
      frame(FrameType.DATA, Flag.END_STREAM, stream, message(Buffer.alloc(0))),
    ]);
  }),
];

function reads(name: string, request: (stream: number) => Buffer): Attack {
  return {
    name,
    target: 'edge',
    async run(port, stopped) {
      const sockets = Array.from({ length: CONNECTIONS }, () => connectHttp2(port));
      for (let first = 1; !stopped(); first += 2 * STREAMS) {
        const requests = Buffer.concat(Array.from({ length: STREAMS }, (_, at) => request(first + 2 * at)));
        for (const socket of sockets) socket.write(requests);
        await delay(AGAIN_MS);
      }
      for (const socket of sockets) socket.destroy();
      return [];
    },
  };
}

/** Connects with the largest windows that the protocol allows. */
function connectHttp2(port: number): Socket {
  const socket = connect(port, '127.0.0.1').resume();
  socket.on('error', () => socket.destroy());
  socket.write(
    Buffer.concat([
      PREFACE,
      frame(FrameType.SETTINGS, 0, 0),
      frame(FrameType.WINDOW_UPDATE, 0, 0, uint32(2 ** 31 - 1 - 65_535)),
    ]),
  );
  return socket;
}
