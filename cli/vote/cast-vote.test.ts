import { once } from 'node:events';
import { createServer } from 'node:http';
import { constants, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createCaster } from './cast-vote.ts';

const vote = { contest: 'tea', choice: 'yes', voter: 'ana', attributes: {}, voteId: '', sequence: 0 };

test.each([
  [400, 'failed'],
  [404, 'failed'],
  [409, 'failed'],
  [429, 'failed'],
  [408, 'unknown'],
  [500, 'unknown'],
  [502, 'unknown'],
  [503, 'unknown'],
  [504, 'unknown'],
])('over HTTP, status %i means that the outcome is %s', async (status, outcome) => {
  const server = createServer((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'text/html' }).end('<html></html>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cast = createCaster(
    'http',
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    new AbortController().signal,
  );
  expect(await cast(vote, false)).toMatchObject({ outcome });
  server.closeAllConnections();
  server.close();
});

test.each(['NGHTTP2_INTERNAL_ERROR', 'NGHTTP2_CANCEL', 'NGHTTP2_PROTOCOL_ERROR'] as const)(
  'over gRPC, the outcome of a stream that ends with %s is unknown',
  async (code) => {
    const server = createHttp2Server();
    const closed = new Promise<void>((resolve) => {
      server.on('session', (session) => session.once('close', resolve));
    });
    server.on('stream', (stream) => {
      stream.on('error', () => undefined);
      stream.close(constants[code]);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const stopping = new AbortController();
    const cast = createCaster('grpc', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, stopping.signal);
    server.on('stream', (stream) => stream.session?.close());
    expect(await cast(vote, false)).toMatchObject({ outcome: 'unknown' });
    await closed;
    server.close();
  },
);
