import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { expect, test } from 'vitest';
import { findGrpcUrl } from './grpc-url.ts';

test('gRPC is found at the HTTP address and at a separate port', async () => {
  await using stack = new AsyncDisposableStack();
  const listen = async (server: Server) => {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    stack.defer(() => new Promise<void>((resolve) => void server.close(() => resolve())));
    return (server.address() as AddressInfo).port;
  };
  const answering = (contentType: string) =>
    createHttp2Server((_request, response) => response.writeHead(200, { 'content-type': contentType }).end());
  const grpc = await listen(answering('application/grpc+proto'));
  const page = await listen(answering('text/html'));
  const http1 = await listen(createHttpServer((_request, response) => response.end()));
  const url = (port: number) => `http://127.0.0.1:${port}`;

  expect(await findGrpcUrl(url(grpc), http1)).toBe(url(grpc));
  expect(await findGrpcUrl(url(http1), grpc)).toBe(url(grpc));
  expect(await findGrpcUrl(url(page), grpc)).toBe(url(grpc));
  await expect(findGrpcUrl(url(http1), page)).rejects.toMatchObject({
    message: `Neither ${url(http1)} nor ${url(page)} serves gRPC. For an edge on Bun or Deno, set GRPC_PORT to its gRPC port.`,
  });
});
