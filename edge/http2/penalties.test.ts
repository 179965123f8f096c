import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { waitFor } from '../../tests/support/wait-for.ts';
import { Flag, FrameType, PREFACE } from './frames/frame.ts';
import { Penalties } from './penalties.ts';
import { Echo } from './testing/echo.ts';
import { openServer } from './testing/open-server.ts';
import { frame, open, RawPeer, uint32 } from './testing/raw-peer.ts';

test('refuses only an address that reset streams too fast, for a while', async () => {
  await using server = await openServer({
    onRequest: (stream) => new Echo(stream),
    limits: { resets: { burst: 10, perSecond: 1 }, penaltyMs: 400 },
  });
  const connectFrom = async (localAddress: string) => {
    const socket = connect({ port: server.port, host: '127.0.0.1', localAddress });
    socket.on('error', () => socket.destroy());
    await once(socket, 'connect');
    return socket;
  };
  const attack = await connectFrom('127.0.0.2');
  const resets = Array.from({ length: 12 }, (_, i) => [
    open(2 * i + 1),
    frame(FrameType.RST_STREAM, 0, 2 * i + 1, uint32(8)),
  ]);
  attack.write(Buffer.concat([PREFACE, frame(FrameType.SETTINGS, 0, 0), ...resets.flat()]));
  await once(attack.resume(), 'close');

  const again = await connectFrom('127.0.0.2');
  again.write(PREFACE);
  expect(await again.toArray().catch(() => [])).toStrictEqual([]);
  using honest = await RawPeer.connect(server.port);
  honest.send(open(1, {}, Flag.END_STREAM));
  await honest.receive(FrameType.DATA, 1);

  await waitFor(async () => {
    const later = await connectFrom('127.0.0.2');
    later.write(Buffer.concat([PREFACE, frame(FrameType.SETTINGS, 0, 0)]));
    const [answer] = await Promise.race([once(later, 'data'), once(later, 'close')]);
    later.destroy();
    return answer instanceof Buffer;
  });
});

test('refuses a whole IPv6 network', () => {
  const penalties = new Penalties(1_000);
  penalties.add('2001:db8::1', 0);
  expect(penalties.refuses('2001:db8::2', 1)).toBe(true);
  expect(penalties.refuses('2001:db8:0:1::1', 1)).toBe(false);
});

test('never refuses proxies on this machine, and memory is bounded', () => {
  const penalties = new Penalties(1_000);
  for (const address of ['127.0.0.1', '::1', '']) penalties.add(address, 0);
  for (const address of ['127.0.0.1', '::1', '']) expect(penalties.refuses(address, 1)).toBe(false);
  for (let i = 0; i <= 10_000; i++) penalties.add(`10.0.${i >> 8}.${i & 255}`, 0);
  expect(penalties.refuses('10.0.0.0', 1)).toBe(false);
  expect(penalties.refuses('10.0.0.1', 999)).toBe(true);
  expect(penalties.refuses('10.0.0.1', 1_000)).toBe(false);
});
