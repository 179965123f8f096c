import { setTimeout as delay } from 'node:timers/promises';
import { Http2ErrorCode } from '../../../edge/http2/error-code.ts';
import { FrameType, Setting } from '../../../edge/http2/frames/frame.ts';
import { frame, literalBlock, open, RawPeer, REQUEST, setting, uint32 } from '../../../edge/http2/testing/raw-peer.ts';
import type { Attack } from '../attack.ts';

/** About as fast as a client on another machine reconnects: 30 connections a second. */
const RECONNECT_MS = 30;
/** Loopback addresses other than 127.0.0.1 are refused after a flood, like addresses of other machines. */
const OTHER_ADDRESS = '127.0.0.2';

/** Floods of cheap frames, on one connection until it is ended and then on a new one. */
export const frameFloods: readonly Attack[] = [
  resets('rapid reset, reconnecting'),
  resets('rapid reset, from another address', OTHER_ADDRESS),
  flood('PING flood', () => many(100, () => frame(FrameType.PING, 0, 0, Buffer.alloc(8)))),
  flood('SETTINGS flood', () =>
    many(100, () => frame(FrameType.SETTINGS, 0, 0, setting(Setting.MAX_CONCURRENT_STREAMS, 1))),
  ),
  flood('empty DATA flood', (round) =>
    Buffer.concat([
      round === 0 ? open(1, { ':path': '/v1/votes', 'content-type': 'application/json' }) : Buffer.alloc(0),
      many(100, () => frame(FrameType.DATA, 0, 1)),
    ]),
  ),
  flood('CONTINUATION flood', (round) =>
    round === 0
      ? frame(FrameType.HEADERS, 0, 1, literalBlock(REQUEST))
      : frame(FrameType.CONTINUATION, 0, 1, Buffer.alloc(1_000, 0x40)),
  ),
];

function resets(name: string, localAddress?: string): Attack {
  const frames = (round: number) =>
    many(50, (at) => {
      const id = 2 * (50 * round + at) + 1;
      return Buffer.concat([open(id, { ':path': '/v1/votes' }), frame(FrameType.RST_STREAM, 0, id, uint32(8))]);
    });
  return flood(name, frames, localAddress);
}

function flood(name: string, frames: (round: number) => Buffer, localAddress?: string): Attack {
  return {
    name,
    target: 'edge',
    code: Http2ErrorCode.ENHANCE_YOUR_CALM,
    async run(port, stopped) {
      const codes: (number | undefined)[] = [];
      while (!stopped()) {
        using peer = await RawPeer.connect(port, new Uint8Array(), localAddress);
        for (let round = 0; !peer.socket.destroyed && !stopped(); round++) {
          peer.send(frames(round));
          await new Promise(setImmediate);
        }
        if (peer.socket.destroyed) codes.push(await peer.goAwayCode());
        await delay(RECONNECT_MS);
      }
      return codes;
    },
  };
}

function many(count: number, part: (at: number) => Buffer): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, at) => part(at)));
}
