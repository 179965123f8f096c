import { expect, test } from 'vitest';
import { FrameType } from '../../http2/frames/frame.ts';
import { open, RawPeer } from '../../http2/testing/raw-peer.ts';
import { openListener } from '../listener.ts';
import { frameworkHttp2 } from './http2-server.ts';

test('a request that crosses the GOAWAY of an old session is refused, and earlier ones are answered', async () => {
  const started = Promise.withResolvers<() => void>();
  const request = (_req: unknown, res: { end(): void }) => started.resolve(() => res.end());
  const http2 = frameworkHttp2(request, 200);
  await using listener = await openListener({ host: '127.0.0.1', port: 0, request, http2 });
  using peer = await RawPeer.connect(listener.port);
  peer.send(open(1));
  const answer = await started.promise;
  const goAway = await peer.receive(FrameType.GOAWAY);
  peer.send(open(3));
  // A client repeats requests with higher ids than this.
  expect(goAway.payload.readUInt32BE(0)).toBe(1);
  answer();
  await peer.receive(FrameType.HEADERS, 1);
});
