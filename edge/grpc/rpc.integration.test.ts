import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, createClient, type Transport } from '@connectrpc/connect';
import {
  compressionGzip,
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from '@connectrpc/connect-node';
import { status as grpcStatus } from '@grpc/grpc-js';
import { assert, describe, expect, test } from 'vitest';
import { ErrorInfoSchema } from '../../proto/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../proto/gen/google/rpc/status_pb.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import {
  CastVoteRequestSchema,
  CastVoteResponseSchema,
  Status,
  VoteService,
} from '../../proto/gen/votewire/v1/service_pb.ts';
import { describeNeeding, testNeeding } from '../../tests/support/needing.ts';
import { findGoTool } from '../../tools/test/go-tool.ts';
import { callRaw, grpcJsClient } from '../testing/grpc-js-client.ts';
import { openRpcFixture } from '../testing/rpc-fixture.ts';
import { Transport as VoteTransport } from '../vote/transport.ts';

/** For calls that must fail. */
const answered = () => expect.unreachable('answered');

const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };

const transports: Record<string, (baseUrl: string) => Transport> = {
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
  'gRPC, gzip': (baseUrl) => createGrpcTransport({ baseUrl, sendCompression: compressionGzip, compressMinBytes: 1 }),
  'gRPC, JSON': (baseUrl) => createGrpcTransport({ baseUrl, useBinaryFormat: false }),
  'gRPC-Web, HTTP/1.1': (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: '1.1' }),
  'gRPC-Web, HTTP/2': (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: '2' }),
  'Connect, HTTP/1.1': (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: true }),
  'Connect, HTTP/2': (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '2', useBinaryFormat: true }),
  'Connect, JSON': (baseUrl) => createConnectTransport({ baseUrl, httpVersion: '1.1', useBinaryFormat: false }),
};

for (const [name, open] of Object.entries(transports)) {
  describe(`connect-es over ${name}`, () => {
    test('a vote is accepted, awaited, and rejected with its code', async () => {
      await using fixture = await openRpcFixture();
      const client = createClient(VoteService, open(fixture.baseUrl));
      const queued = await client.castVote({ vote });
      expect(queued.receipt).toBe('receipt-1');
      expect(queued.status).toBe(Status.QUEUED);
      expect((await client.castVote({ ...vote, wait: true })).status).toBe(Status.COUNTED);
      expect(fixture.ingress.waited).toBe(1);
      expect(fixture.ingress.votes[0]).toBe(fixture.ingress.votes[1]);
      expect(fixture.ingress.transports[0]).toBe(
        name.startsWith('gRPC-Web') || name.startsWith('Connect') ? VoteTransport.CONNECT : VoteTransport.GRPC,
      );

      const refused = await client.castVote({ vote: { ...vote, choice: 'cows' } }).then(answered, ConnectError.from);
      expect(refused.code).toBe(Code.InvalidArgument);
      expect(refused.findDetails(ErrorInfoSchema)[0]?.reason).toBe('ERROR_CODE_UNKNOWN_CHOICE');
      expect(refused.findDetails(ErrorInfoSchema)[0]?.domain).toBe('votewire.v1');
    });

    test('a batch names the rejected votes', async () => {
      await using fixture = await openRpcFixture();
      const client = createClient(VoteService, open(fixture.baseUrl));
      const { accepted, rejected } = await client.castVotes({ votes: [vote, { ...vote, voter: '' }, vote] });
      expect(accepted).toBe(2);
      expect(rejected.map(({ index, code }) => ({ index, code }))).toStrictEqual([
        { index: 1, code: ErrorCode.MISSING_FIELD },
      ]);
      expect(rejected[0]?.message ?? '').toMatch(/voter/);
    });

    test('contests are listed with options, times and status', async () => {
      await using fixture = await openRpcFixture();
      const client = createClient(VoteService, open(fixture.baseUrl));
      const bandas = fixture.contests.get('bandas');
      assert(bandas);
      const closesAt = '2020-01-02T03:04:05.000Z';
      fixture.contests.set('bandas', { ...bandas, hidden: true, browsersOnly: true, closesAt });
      const { contests } = await client.listContests({});
      expect(contests.map(({ id }) => id)).toStrictEqual([...fixture.contests.keys()]);
      const closed = contests.find(({ id }) => id === 'bandas');
      expect(closed).toMatchObject({
        title: bandas.title,
        rule: bandas.rule,
        status: 'closed',
        opensAt: 0n,
        closesAt: BigInt(Date.parse(closesAt)),
        hidden: true,
        browsersOnly: true,
      });
      expect(closed?.options.map(({ id, label, color, attributes }) => ({ id, label, color, attributes }))).toEqual(
        bandas.options.map(({ id, label, colour, attributes }) => ({ id, label, color: colour, attributes })),
      );
      expect(contests.find(({ id }) => id === 'cats-vs-dogs')?.status).toBe('open');
    });

    test('results are read, watched, and hidden until the contest closes', async () => {
      await using fixture = await openRpcFixture();
      const client = createClient(VoteService, open(fixture.baseUrl));
      const { results } = await client.getResults({ contest: 'cats-vs-dogs' });
      assert(results !== undefined);
      expect(results.total).toBe(3n);
      expect(results.countedUpTo).toBe(BigInt(Date.UTC(2026, 0, 2, 3, 4, 5)));
      expect(results.options.map(({ id, count }) => [id, count])).toStrictEqual([
        ['cats', 0n],
        ['dogs', 1n],
      ]);

      const versions: bigint[] = [];
      for await (const update of client.watchResults({ contest: 'cats-vs-dogs' })) {
        versions.push(update.results?.version ?? 0n);
        if (versions.length === 3) break;
        fixture.reads.version++;
      }
      expect(versions).toStrictEqual([1n, 2n, 3n]);

      const bandas = fixture.contests.get('bandas');
      assert(bandas);
      fixture.contests.set('bandas', { ...bandas, hidden: true });
      const hidden = await client.getResults({ contest: 'bandas' }).then(answered, ConnectError.from);
      expect(hidden.code).toBe(Code.PermissionDenied);
      expect(hidden.findDetails(ErrorInfoSchema)[0]?.reason).toBe('ERROR_CODE_RESULTS_HIDDEN');
      const watch = client.watchResults({ contest: 'bandas' })[Symbol.asyncIterator]();
      expect((await watch.next().then(answered, ConnectError.from)).code).toBe(Code.PermissionDenied);
      fixture.contests.set('bandas', { ...bandas, hidden: true, closesAt: '2020-01-01T00:00:00.000Z' });
      expect((await client.getResults({ contest: 'bandas' })).results?.status).toBe('closed');
      const unknown = await client.getResults({ contest: 'nope' }).then(answered, ConnectError.from);
      expect(unknown.code).toBe(Code.NotFound);
    });

    test('a stopping edge ends a watch with UNAVAILABLE', async () => {
      await using fixture = await openRpcFixture();
      const client = createClient(VoteService, open(fixture.baseUrl));
      const watch = client.watchResults({ contest: 'cats-vs-dogs' })[Symbol.asyncIterator]();
      await watch.next();
      fixture.rpc.stop();
      const end = await watch.next().then(answered, ConnectError.from);
      expect(end.code).toBe(Code.Unavailable);
      expect(end.findDetails(ErrorInfoSchema)[0]?.reason).toBe('ERROR_CODE_SHUTTING_DOWN');
    });
  });
}

test('a watch whose deadline has passed ends with DEADLINE_EXCEEDED, not OK', async () => {
  await using fixture = await openRpcFixture();
  const message = Buffer.from('{"contest":"cats-vs-dogs"}');
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  // Sent by hand, because a client's own timer would fire first.
  const answer = await fetch(`${fixture.baseUrl}/votewire.v1.VoteService/WatchResults`, {
    method: 'POST',
    headers: { 'content-type': 'application/connect+json', 'connect-timeout-ms': '100' },
    body: Buffer.concat([head, message]),
  });
  expect(await answer.text()).toMatch(/"code":"deadline_exceeded".*ERROR_CODE_DEADLINE_EXCEEDED/);
});

test('Connect over HTTP/1.1 from a shell: JSON in, JSON out, and malformed input is a client error', async () => {
  await using fixture = await openRpcFixture();
  const post = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${fixture.baseUrl}/votewire.v1.VoteService/CastVote`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
  const answer = await post('application/json', JSON.stringify(vote));
  expect(await answer.json()).toStrictEqual({ receipt: 'receipt-1', status: 'STATUS_QUEUED' });
  for (const [type, body, reason] of [
    ['application/proto', Uint8Array.of(0x0a, 5, 1), 'ERROR_CODE_MALFORMED_PROTOBUF'],
    ['application/json', '{"vote":', 'ERROR_CODE_MALFORMED_JSON'],
    ['application/proto', new Uint8Array(10_000), 'ERROR_CODE_TOO_LARGE'],
  ] as const) {
    const refused = await post(type, body);
    const { details } = (await refused.json()) as { details: { debug: { reason: string } }[] };
    expect(details[0]?.debug.reason).toBe(reason);
    expect(refused.status).toBe(reason.endsWith('LARGE') ? 429 : 400);
  }
  expect((await post('text/plain', 'x')).status).toBe(415);
  const nowhere = await fetch(`${fixture.baseUrl}/votewire.v1.VoteService/Nope`, { method: 'POST' });
  expect(await nowhere.text()).toBe('app 1.1 /votewire.v1.VoteService/Nope');
});

describe('grpc-js', () => {
  const path = '/votewire.v1.VoteService/CastVote';
  const request = Buffer.from(toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote, wait: true })));

  test('a call is answered, and rejected with status details', async () => {
    await using fixture = await openRpcFixture();
    const client = grpcJsClient(fixture.port);
    const answer = await callRaw(client, { path, request });
    assert('response' in answer);
    expect(fromBinary(CastVoteResponseSchema, answer.response).status).toBe(Status.COUNTED);

    const refused = await callRaw(client, { path, request: Buffer.alloc(0) });
    assert('error' in refused);
    expect(refused.error.code).toBe(grpcStatus.INVALID_ARGUMENT);
    const [details] = refused.metadata.get('grpc-status-details-bin');
    const info = fromBinary(StatusSchema, details as Buffer).details[0];
    expect(info && anyUnpack(info, ErrorInfoSchema)?.reason).toBe('ERROR_CODE_EMPTY_BODY');
    client.close();
  });

  test('an unknown method is UNIMPLEMENTED; an oversized message is RESOURCE_EXHAUSTED', async () => {
    await using fixture = await openRpcFixture();
    const client = grpcJsClient(fixture.port);
    for (const unknown of ['/votewire.v1.VoteService/Nope', '/other.v1.Service/CastVote']) {
      const answer = await callRaw(client, { path: unknown, request });
      assert('error' in answer);
      expect(answer.error.code).toBe(grpcStatus.UNIMPLEMENTED);
    }
    for (const method of ['CastVote', 'CastVotes']) {
      const answer = await callRaw(client, {
        path: `/votewire.v1.VoteService/${method}`,
        request: Buffer.alloc(3_000_000),
      });
      assert('error' in answer);
      expect(answer.error.code).toBe(grpcStatus.RESOURCE_EXHAUSTED);
    }
    expect(fixture.ingress.votes.length).toBe(0);
    client.close();
  });

  test('if the deadline passes while a vote is being stored, the status says that the outcome is unknown', async () => {
    await using fixture = await openRpcFixture();
    fixture.ingress.delay = () => undefined;
    const client = grpcJsClient(fixture.port);
    const answer = await callRaw(client, { path, request, deadlineMs: 100 });
    assert('error' in answer);
    expect(answer.error.code).toBe(grpcStatus.DEADLINE_EXCEEDED);
    client.close();
  });
});

describeNeeding(findGoTool('grpcurl') === undefined && 'grpcurl is not installed')('grpcurl', () => {
  const grpcurl = async (...args: string[]) =>
    (await promisify(execFile)(findGoTool('grpcurl') ?? '', ['-plaintext', ...args])).stdout;

  test('lists and describes the services, and casts a vote with flat fields', async () => {
    await using fixture = await openRpcFixture();
    const address = `127.0.0.1:${fixture.port}`;
    expect((await grpcurl(address, 'list')).trim().split('\n')).toStrictEqual([
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'votewire.v1.VoteService',
    ]);
    expect(await grpcurl(address, 'describe', 'votewire.v1.Vote')).toMatch(/map<string, string> attributes = 4/);
    expect(await grpcurl(address, 'describe', 'votewire.v1.VoteService.CastVote')).toMatch(/CastVoteRequest/);
    const answer = await grpcurl('-d', JSON.stringify(vote), address, 'votewire.v1.VoteService/CastVote');
    expect(JSON.parse(answer)).toStrictEqual({ receipt: 'receipt-1', status: 'STATUS_QUEUED' });
    expect(JSON.parse(await grpcurl(address, 'grpc.health.v1.Health/Check'))).toStrictEqual({ status: 'SERVING' });
    fixture.ingress.ready = false;
    expect(JSON.parse(await grpcurl(address, 'grpc.health.v1.Health/Check'))).toStrictEqual({ status: 'NOT_SERVING' });
    await expect(grpcurl('-d', '{"contest":"x"}', address, 'votewire.v1.VoteService/CastVote')).rejects.toThrow(
      /ERROR_CODE_/,
    );
  });
});

testNeeding(findGoTool('ghz') === undefined && 'ghz is not installed')(
  'ghz: 2,000 calls over 4 connections succeed',
  async () => {
    await using fixture = await openRpcFixture();
    const { stdout } = await promisify(execFile)(findGoTool('ghz') ?? '', [
      '--insecure',
      '--call=votewire.v1.VoteService/CastVote',
      `--data=${JSON.stringify({ vote })}`,
      '--total=2000',
      '--concurrency=50',
      '--connections=4',
      '--format=json',
      `127.0.0.1:${fixture.port}`,
    ]);
    expect(JSON.parse(stdout).statusCodeDistribution).toStrictEqual({ OK: 2000 });
    expect(fixture.ingress.votes.length).toBe(2000);
  },
);
