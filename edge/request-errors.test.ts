import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { fromBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RequestInfoSchema } from '../proto/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../proto/gen/google/rpc/status_pb.ts';
import { answerRequestError } from './answer-request-error.ts';
import { answerStreamError } from './answer-stream-error.ts';
import { edgeLog } from './edge-log.ts';
import { serveFetch } from './http2/adapters/fetch-adapter.ts';
import { openServer } from './http2/testing/open-server.ts';
import { openRpcFixture } from './testing/rpc-fixture.ts';

const logged: unknown[] = [];
beforeEach(() => {
  vi.spyOn(edgeLog, 'error').mockImplementation((line: unknown) => void logged.push(line));
});
afterEach(() => {
  vi.restoreAllMocks();
  logged.length = 0;
});

const BUG = new Error('on purpose');
const UUID = /^[0-9a-f-]{36}$/;

async function http2Post(port: number, headers: Record<string, string>, body = 'x') {
  const session = connect(`http://127.0.0.1:${port}`);
  const stream = session.request({ ':method': 'POST', ...headers });
  stream.end(body);
  const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  const text = Buffer.concat(await stream.toArray()).toString();
  session.destroy();
  return { headers: answer, body: text };
}

test('over HTTP/2, an error before the answer is a 500 with the same request id as the log', async () => {
  await using server = await openServer({
    onRequest: () => {
      throw BUG;
    },
    onError: answerStreamError,
  });
  const { headers, body } = await http2Post(server.port, { ':path': '/', 'x-request-id': 'mine-1' });
  expect([headers[':status'], headers['x-request-id']]).toStrictEqual([500, 'mine-1']);
  expect(JSON.parse(body)).toMatchObject({ code: 'internal', requestId: 'mine-1' });
  expect(logged).toStrictEqual([{ requestId: 'mine-1', error: BUG }]);
});

test('over gRPC it is INTERNAL with RequestInfo', async () => {
  await using server = await openServer({
    onRequest: () => ({
      data: () => undefined,
      end() {
        throw BUG;
      },
      drain: () => undefined,
      close: () => undefined,
    }),
    onError: answerStreamError,
  });
  const { headers } = await http2Post(server.port, { ':path': '/a.B/C', 'content-type': 'application/grpc' });
  expect([headers[':status'], headers['grpc-status']]).toStrictEqual([200, '13']);
  const status = fromBinary(StatusSchema, Buffer.from(`${headers['grpc-status-details-bin']}`, 'base64'));
  const info = status.details.map((detail) => anyUnpack(detail, RequestInfoSchema)).find(Boolean);
  expect(info?.requestId).toMatch(UUID);
  expect(logged).toStrictEqual([{ requestId: info?.requestId, error: BUG }]);
});

test('after the answer has begun, the stream is reset and the log has the request id', async () => {
  await using server = await openServer({
    onRequest: serveFetch(
      () =>
        new Response(
          new ReadableStream({
            pull() {
              throw BUG;
            },
          }),
        ),
    ),
    onError: answerStreamError,
  });
  await expect(http2Post(server.port, { ':path': '/', 'x-request-id': 'mine-2' })).rejects.toThrow('INTERNAL_ERROR');
  expect(logged).toStrictEqual([{ requestId: 'mine-2', error: BUG }]);
});

test('an HTTP/1.1 listener that throws gets the same answer', async () => {
  const http = createServer(
    answerRequestError(() => {
      throw BUG;
    }),
  );
  await using _closed = { [Symbol.asyncDispose]: async () => void http.close() };
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const answer = await fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { headers: { traceparent } });
  const requestId = '0af7651916cd43dd8448eb211c80319c';
  expect([answer.status, answer.headers.get('x-request-id')]).toStrictEqual([500, requestId]);
  expect(await answer.json()).toMatchObject({ code: 'internal', requestId });
  expect(logged).toStrictEqual([{ requestId, error: BUG }]);
});

test('a request rejected before a route has a request id', async () => {
  await using server = await openServer({
    onRequest: serveFetch(() => new Response('ok')),
    onError: answerStreamError,
  });
  const { headers } = await http2Post(server.port, { ':path': '/', ':authority': '[', 'x-request-id': 'mine-3' });
  expect([headers[':status'], headers['x-request-id']]).toStrictEqual([400, 'mine-3']);
});

test.each(['direct', 'framework'] as const)('an unknown gRPC method is UNIMPLEMENTED with INGRESS=%s', async (mode) => {
  await using fixture = await openRpcFixture({ mode });
  for (const path of ['/votewire.v1.VoteService/Unknown', '/other.Service/Call']) {
    const { headers } = await http2Post(fixture.port, { ':path': path, 'content-type': 'application/grpc' });
    expect([headers[':status'], headers['grpc-status'], headers['grpc-message']], path).toStrictEqual([
      200,
      '12',
      `Unknown method ${path}`,
    ]);
  }
});

test.each(['direct', 'framework'] as const)(
  "an error in a call on Connect's router is INTERNAL, INGRESS=%s",
  async (mode) => {
    await using fixture = await openRpcFixture({ mode });
    fixture.contests.values = () => {
      throw BUG;
    };
    const path = '/votewire.v1.VoteService/ListContests';
    const headers = { ':path': path, 'content-type': 'application/json', 'x-request-id': 'mine-4' };
    const { headers: answer, body } = await http2Post(fixture.port, headers, '{}');
    expect([answer[':status'], JSON.parse(body).code]).toStrictEqual([500, 'internal']);
    expect(body).toContain('Internal error; see request mine-4 in the log');
    expect(logged).toStrictEqual([{ requestId: 'mine-4', error: BUG }]);
  },
);
