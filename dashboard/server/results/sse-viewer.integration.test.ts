import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { SseViewer, sseFrame } from './sse-viewer.ts';

/** A viewer whose peer reads only when the test resumes it. */
async function openSlowViewer(onOverflow?: () => Uint8Array | undefined) {
  const server = createServer();
  const opened = new Promise<SseViewer>((resolve) => {
    server.on('request', (_, response) => resolve(new SseViewer(response, onOverflow)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.pause();
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk.toString();
  });
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const viewer = await opened;
  return {
    viewer,
    socket,
    seen: () => text,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const frame = (n: number, bytes: number) => sseFrame('results', { n, padding: 'x'.repeat(bytes) });

test('a newer snapshot replaces the one that waits', async () => {
  await using slow = await openSlowViewer();
  let most = 0;
  // The kernel buffers some megabytes first.
  for (let n = 1; n <= 3000; n++) {
    slow.viewer.send(frame(n, 16_000), 'results');
    most = Math.max(most, slow.viewer.waitingBytes);
    if (n % 100 === 0) await new Promise(setImmediate);
  }
  expect(most, 'no frame had to wait').toBeGreaterThan(16_000);
  expect(most, `${most} bytes waited`).toBeLessThanOrEqual(256 * 1024);
  slow.socket.resume();
  await waitFor(() => slow.seen().includes('"n":3000,'), { what: 'the newest snapshot' });
  const sent = slow.seen().match(/^event: results$/gm)?.length ?? 0;
  expect(sent, `${sent} of 3000 were sent to a viewer that did not read`).toBeLessThan(2900);
});

test('ordered frames are bounded, and the viewer is notified of the gap', async () => {
  await using slow = await openSlowViewer(() => sseFrame('gap', { reason: 'slow' }));
  for (let n = 1; n <= 3000; n++) {
    slow.viewer.send(frame(n, 16_000));
    expect(slow.viewer.waitingBytes).toBeLessThanOrEqual(256 * 1024);
    if (n % 100 === 0) await new Promise(setImmediate);
  }
  slow.socket.resume();
  await waitFor(() => slow.seen().includes('event: gap'), { what: 'the gap' });
});
