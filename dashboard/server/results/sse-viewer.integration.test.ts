import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { createGunzip } from 'node:zlib';
import { expect, test } from 'vitest';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { type SseFrame, sseFrame } from './sse-frame.ts';
import { SseViewer } from './sse-viewer.ts';

/** A viewer whose peer reads only when the test resumes it. */
async function openSlowViewer(onOverflow?: () => SseFrame, acceptEncoding = 'identity') {
  const server = createServer();
  const opened = new Promise<SseViewer>((resolve) => {
    server.on('request', (request, response) => resolve(new SseViewer(request, response, onOverflow)));
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
  socket.write(`GET / HTTP/1.1\r\nhost: x\r\naccept-encoding: ${acceptEncoding}\r\n\r\n`);
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

test('a newer snapshot replaces a waiting one', async () => {
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

test('waiting ordered frames are limited, and the viewer is notified of the gap', async () => {
  await using slow = await openSlowViewer(() => sseFrame('gap', { reason: 'slow' }));
  for (let n = 1; n <= 3000; n++) {
    slow.viewer.send(frame(n, 16_000));
    expect(slow.viewer.waitingBytes).toBeLessThanOrEqual(256 * 1024);
    if (n % 100 === 0) await new Promise(setImmediate);
  }
  slow.socket.resume();
  await waitFor(() => slow.seen().includes('event: gap'), { what: 'the gap' });
});

test('snapshots larger than any buffer reach a slow viewer, each in its latest version', async () => {
  await using slow = await openSlowViewer();
  const slots = 400;
  for (let round = 1; round <= 3; round++) {
    for (let slot = 0; slot < slots; slot++) slow.viewer.send(frame(round * 10_000 + slot, 16_000), `slot ${slot}`);
    await new Promise(setImmediate);
  }
  slow.socket.resume();
  const latest = () => new Set(slow.seen().match(/"n":3\d{4},/g)).size;
  await waitFor(() => latest() === slots, { what: 'the latest version of every slot' });
});

test('one frame larger than the limit does not end the stream', async () => {
  await using slow = await openSlowViewer(() => sseFrame('gap', { reason: 'slow' }));
  slow.viewer.send(frame(1, 1_000_000));
  slow.socket.resume();
  await waitFor(() => slow.seen().includes('"n":1,'), { what: 'the frame' });
  slow.viewer.send(frame(2, 1_000_000));
  await waitFor(() => slow.seen().includes('"n":2,'), { what: 'the next frame' });
});

test('separately compressed frames form one gzip stream', async () => {
  const server = createServer((request, response) => {
    const viewer = new SseViewer(request, response);
    for (let n = 1; n <= 3; n++) viewer.send(frame(n, 5000));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const [response] = (await once(
      get({ port: (server.address() as AddressInfo).port, headers: { 'accept-encoding': 'gzip, br' } }),
      'response',
    )) as [IncomingMessage];
    expect(response.headers['content-encoding']).toBe('gzip');
    let received = 0;
    let text = '';
    response.on('data', (chunk: Buffer) => {
      received += chunk.length;
    });
    response.pipe(createGunzip()).on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    await waitFor(() => text.includes('"n":3,') && text.endsWith('\n\n'), { what: 'the last frame' });
    expect(text.match(/^event: results$/gm)?.length).toBe(3);
    expect(received).toBeLessThan(text.length / 10);
    response.destroy();
  } finally {
    server.close();
  }
});
