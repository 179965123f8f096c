import { create } from '@bufbuild/protobuf';
import { Code, ConnectError, createClient, createConnectRouter, createContextValues } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { describe, expect, test } from 'vitest';
import { Health, HealthCheckResponse_ServingStatus as Status } from '../../../proto/gen/grpc/health/v1/health_pb.ts';
import {
  ServerReflection,
  ServerReflectionResponseSchema,
} from '../../../proto/gen/grpc/reflection/v1/reflection_pb.ts';
import { openServer } from '../testing/open-server.ts';
import { serveConnect } from './connect-adapter.ts';

const ended: string[] = [];

function router() {
  return createConnectRouter()
    .service(Health, {
      check({ service }, context) {
        context.responseHeader.set('x-head', 'a');
        context.responseTrailer.set('x-trail', 'b');
        if (service === 'missing') throw new ConnectError('no such service', Code.NotFound);
        return { status: Status.SERVING };
      },
      async *watch(_request, context) {
        try {
          for (;;) {
            yield { status: Status.SERVING };
            await new Promise((resolve) => setTimeout(resolve, 5));
            context.signal.throwIfAborted();
          }
        } finally {
          ended.push('watch');
        }
      },
    })
    .service(ServerReflection, {
      async *serverReflectionInfo(requests) {
        for await (const { host } of requests) yield create(ServerReflectionResponseSchema, { validHost: host });
      },
    });
}

function serve() {
  const handlers = new Map(
    router().handlers.map((handler) => [handler.requestPath, serveConnect(handler, createContextValues)]),
  );
  return openServer({
    onRequest: (stream) => {
      const handler = handlers.get(stream.headers.path);
      if (handler === undefined) throw new Error(`No handler for ${stream.headers.path}`);
      return handler(stream);
    },
  });
}

describe.each([
  ['gRPC', createGrpcTransport],
  ['gRPC-Web', createGrpcWebTransport],
  ['Connect', createConnectTransport],
])('%s', (_name, createTransport) => {
  const connect = (port: number) => createTransport({ baseUrl: `http://127.0.0.1:${port}`, httpVersion: '2' });

  test('unary calls, with headers and trailers', async () => {
    await using server = await serve();
    const client = createClient(Health, connect(server.port));
    const fields: (string | null)[] = [];
    const response = await client.check(
      {},
      {
        onHeader: (header) => void fields.push(header.get('x-head')),
        onTrailer: (trailer) => void fields.push(trailer.get('x-trail')),
      },
    );
    expect([response.status, ...fields]).toEqual([Status.SERVING, 'a', 'b']);
    await expect(client.check({ service: 'missing' })).rejects.toMatchObject({ code: Code.NotFound });
  });

  test('a server stream ends in the handler when the client leaves', async () => {
    await using server = await serve();
    const before = ended.length;
    const abort = new AbortController();
    const watch = createClient(Health, connect(server.port)).watch({}, { signal: abort.signal });
    const read = async () => {
      for await (const { status } of watch) {
        expect(status).toBe(Status.SERVING);
        abort.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: Code.Canceled });
    await expect.poll(() => ended.length).toBe(before + 1);
  });

  test('bidirectional streams, with one answer per message', async () => {
    await using server = await serve();
    let next: () => void = () => undefined;
    const hosts = async function* () {
      for (const host of ['a', 'b', 'c']) {
        yield { host };
        await new Promise<void>((resolve) => {
          next = resolve;
        });
      }
    };
    const answers: string[] = [];
    const client = createClient(ServerReflection, connect(server.port));
    for await (const { validHost } of client.serverReflectionInfo(hosts())) {
      answers.push(validHost);
      next();
    }
    expect(answers).toEqual(['a', 'b', 'c']);
  });
});
