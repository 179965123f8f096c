import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
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
import { ErrorInfoSchema } from '../../proto/gen/google/rpc/error_details_pb.ts';
import { StatusSchema } from '../../proto/gen/google/rpc/status_pb.ts';
import { ErrorCode } from '../../proto/gen/votewire/v1/error_pb.ts';
import {
  CastVoteRequestSchema,
  CastVoteResponseSchema,
  Status,
  VoteService,
} from '../../proto/gen/votewire/v1/service_pb.ts';
import { Path } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { findGoTool } from '../../tools/test/go-tool.ts';
import { callRaw, grpcJsClient } from '../testing/grpc-js-client.ts';
import { openRpcFixture } from '../testing/rpc-fixture.ts';

/** For calls that must not be answered well. */
const answered = () => assert.fail('answered');

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
    test('a vote is taken in, waited for, and refused with its code', async () => {
      await using fixture = await openRpcFixture();
      const client = createClient(VoteService, open(fixture.baseUrl));
      const queued = await client.castVote({ vote });
      assert.equal(queued.receipt, 'receipt-1');
      assert.equal(queued.status, Status.QUEUED);
      assert.equal((await client.castVote({ ...vote, wait: true })).status, Status.COUNTED);
      assert.equal(fixture.ingress.waited, 1);
      assert.equal(fixture.ingress.votes[0], fixture.ingress.votes[1]);
      assert.equal(
        fixture.ingress.paths[0],
        name.startsWith('gRPC-Web') || name.startsWith('Connect') ? Path.CONNECT : Path.GRPC,
      );

      const refused = await client.castVote({ vote: { ...vote, choice: 'cows' } }).then(answered, ConnectError.from);
      assert.equal(refused.code, Code.InvalidArgument);
      assert.equal(refused.findDetails(ErrorInfoSchema)[0]?.reason, 'ERROR_CODE_UNKNOWN_CHOICE');
      assert.equal(refused.findDetails(ErrorInfoSchema)[0]?.domain, 'votewire.v1');
    });

    test('a batch says which votes were refused', async () => {
      await using fixture = await openRpcFixture();
      const client = createClient(VoteService, open(fixture.baseUrl));
      const { accepted, rejected } = await client.castVotes({ votes: [vote, { ...vote, voter: '' }, vote] });
      assert.equal(accepted, 2);
      assert.deepEqual(
        rejected.map(({ index, code }) => ({ index, code })),
        [{ index: 1, code: ErrorCode.MISSING_FIELD }],
      );
      assert.match(rejected[0]?.message ?? '', /voter/);
    });

    test('results are shown, watched, and hidden while they are to be', async () => {
      await using fixture = await openRpcFixture();
      const client = createClient(VoteService, open(fixture.baseUrl));
      const { results } = await client.getResults({ contest: 'cats-vs-dogs' });
      assert.equal(results?.total, 3n);
      assert.equal(results.countedUpTo, BigInt(Date.UTC(2026, 0, 2, 3, 4, 5)));
      assert.deepEqual(
        results.options.map(({ id, count }) => [id, count]),
        [
          ['cats', 0n],
          ['dogs', 1n],
        ],
      );

      const versions: bigint[] = [];
      for await (const update of client.watchResults({ contest: 'cats-vs-dogs' })) {
        versions.push(update.results?.version ?? 0n);
        if (versions.length === 3) break;
        fixture.reads.version++;
      }
      assert.deepEqual(versions, [1n, 2n, 3n]);

      const bandas = fixture.contests.get('bandas');
      assert.ok(bandas);
      fixture.contests.set('bandas', { ...bandas, hidden: true });
      const hidden = await client.getResults({ contest: 'bandas' }).then(answered, ConnectError.from);
      assert.equal(hidden.code, Code.PermissionDenied);
      assert.equal(hidden.findDetails(ErrorInfoSchema)[0]?.reason, 'ERROR_CODE_RESULTS_HIDDEN');
      const watch = client.watchResults({ contest: 'bandas' })[Symbol.asyncIterator]();
      assert.equal((await watch.next().then(answered, ConnectError.from)).code, Code.PermissionDenied);
      fixture.contests.set('bandas', { ...bandas, hidden: true, closesAt: '2020-01-01T00:00:00.000Z' });
      assert.equal((await client.getResults({ contest: 'bandas' })).results?.status, 'closed');
      const unknown = await client.getResults({ contest: 'nope' }).then(answered, ConnectError.from);
      assert.equal(unknown.code, Code.NotFound);
    });

    test('a watch that the edge ends when it stops tells the caller to go elsewhere', async () => {
      await using fixture = await openRpcFixture();
      const client = createClient(VoteService, open(fixture.baseUrl));
      const watch = client.watchResults({ contest: 'cats-vs-dogs' })[Symbol.asyncIterator]();
      await watch.next();
      fixture.rpc.stop();
      const end = await watch.next().then(answered, ConnectError.from);
      assert.equal(end.code, Code.Unavailable);
      assert.equal(end.findDetails(ErrorInfoSchema)[0]?.reason, 'ERROR_CODE_SHUTTING_DOWN');
    });
  });
}

test('a watch whose deadline has passed ends with that, and not as if all was told', async () => {
  await using fixture = await openRpcFixture();
  const message = Buffer.from('{"contest":"cats-vs-dogs"}');
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  // By hand: a client's own timer would be first.
  const answer = await fetch(`${fixture.baseUrl}/votewire.v1.VoteService/WatchResults`, {
    method: 'POST',
    headers: { 'content-type': 'application/connect+json', 'connect-timeout-ms': '100' },
    body: Buffer.concat([head, message]),
  });
  assert.match(await answer.text(), /"code":"deadline_exceeded".*ERROR_CODE_DEADLINE_EXCEEDED/);
});

test('Connect over HTTP/1.1 from a shell: JSON in, JSON out, and broken input is the caller’s fault', async () => {
  await using fixture = await openRpcFixture();
  const post = (type: string, body: string | Uint8Array<ArrayBuffer>) =>
    fetch(`${fixture.baseUrl}/votewire.v1.VoteService/CastVote`, {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });
  const answer = await post('application/json', JSON.stringify(vote));
  assert.deepEqual(await answer.json(), { receipt: 'receipt-1', status: 'STATUS_QUEUED' });
  for (const [type, body, reason] of [
    ['application/proto', Uint8Array.of(0x0a, 5, 1), 'ERROR_CODE_MALFORMED_PROTOBUF'],
    ['application/json', '{"vote":', 'ERROR_CODE_MALFORMED_JSON'],
    ['application/proto', new Uint8Array(10_000), 'ERROR_CODE_TOO_LARGE'],
  ] as const) {
    const refused = await post(type, body);
    const { details } = (await refused.json()) as { details: { debug: { reason: string } }[] };
    assert.equal(details[0]?.debug.reason, reason);
    assert.equal(refused.status, reason.endsWith('LARGE') ? 429 : 400);
  }
  assert.equal((await post('text/plain', 'x')).status, 415);
  const nowhere = await fetch(`${fixture.baseUrl}/votewire.v1.VoteService/Nope`, { method: 'POST' });
  assert.equal(await nowhere.text(), 'app 1.1 /votewire.v1.VoteService/Nope');
});

describe('grpc-js', () => {
  const path = '/votewire.v1.VoteService/CastVote';
  const request = Buffer.from(toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote, wait: true })));

  test('a call is answered, and refused with status details', async () => {
    await using fixture = await openRpcFixture();
    const client = grpcJsClient(fixture.port);
    const answer = await callRaw(client, { path, request });
    assert.ok('response' in answer);
    assert.equal(fromBinary(CastVoteResponseSchema, answer.response).status, Status.COUNTED);

    const refused = await callRaw(client, { path, request: Buffer.alloc(0) });
    assert.ok('error' in refused);
    assert.equal(refused.error.code, grpcStatus.INVALID_ARGUMENT);
    const [details] = refused.metadata.get('grpc-status-details-bin');
    const info = fromBinary(StatusSchema, details as Buffer).details[0];
    assert.equal(info && anyUnpack(info, ErrorInfoSchema)?.reason, 'ERROR_CODE_EMPTY_BODY');
    client.close();
  });

  test('what nobody serves is UNIMPLEMENTED; what is too large is RESOURCE_EXHAUSTED', async () => {
    await using fixture = await openRpcFixture();
    const client = grpcJsClient(fixture.port);
    for (const unknown of ['/votewire.v1.VoteService/Nope', '/other.v1.Service/CastVote']) {
      const answer = await callRaw(client, { path: unknown, request });
      assert.ok('error' in answer);
      assert.equal(answer.error.code, grpcStatus.UNIMPLEMENTED);
    }
    for (const method of ['CastVote', 'CastVotes']) {
      const answer = await callRaw(client, {
        path: `/votewire.v1.VoteService/${method}`,
        request: Buffer.alloc(3_000_000),
      });
      assert.ok('error' in answer);
      assert.equal(answer.error.code, grpcStatus.RESOURCE_EXHAUSTED);
    }
    assert.equal(fixture.ingress.votes.length, 0);
    client.close();
  });

  test('a deadline that passes while the vote is being stored says that the outcome is unknown', async () => {
    await using fixture = await openRpcFixture();
    fixture.ingress.delay = () => undefined;
    const client = grpcJsClient(fixture.port);
    const answer = await callRaw(client, { path, request, deadlineMs: 100 });
    assert.ok('error' in answer);
    assert.equal(answer.error.code, grpcStatus.DEADLINE_EXCEEDED);
    client.close();
  });
});

describe('grpcurl', { skip: findGoTool('grpcurl') === undefined ? 'grpcurl is not installed' : false }, () => {
  const grpcurl = async (...args: string[]) =>
    (await promisify(execFile)(findGoTool('grpcurl') ?? '', ['-plaintext', ...args])).stdout;

  test('lists and describes what is served, and casts a vote that was typed flat', async () => {
    await using fixture = await openRpcFixture();
    const address = `127.0.0.1:${fixture.port}`;
    assert.deepEqual((await grpcurl(address, 'list')).trim().split('\n'), [
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
      'votewire.v1.VoteService',
    ]);
    assert.match(await grpcurl(address, 'describe', 'votewire.v1.Vote'), /map<string, string> attributes = 4/);
    assert.match(await grpcurl(address, 'describe', 'votewire.v1.VoteService.CastVote'), /CastVoteRequest/);
    const answer = await grpcurl('-d', JSON.stringify(vote), address, 'votewire.v1.VoteService/CastVote');
    assert.deepEqual(JSON.parse(answer), { receipt: 'receipt-1', status: 'STATUS_QUEUED' });
    assert.deepEqual(JSON.parse(await grpcurl(address, 'grpc.health.v1.Health/Check')), { status: 'SERVING' });
    fixture.ingress.ready = false;
    assert.deepEqual(JSON.parse(await grpcurl(address, 'grpc.health.v1.Health/Check')), { status: 'NOT_SERVING' });
    await assert.rejects(grpcurl('-d', '{"contest":"x"}', address, 'votewire.v1.VoteService/CastVote'), /ERROR_CODE_/);
  });
});

test('ghz: 2,000 calls over 4 connections, all well', {
  skip: findGoTool('ghz') === undefined ? 'ghz is not installed' : false,
}, async () => {
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
  assert.deepEqual(JSON.parse(stdout).statusCodeDistribution, { OK: 2000 });
  assert.equal(fixture.ingress.votes.length, 2000);
});
