import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { create, toBinary } from '@bufbuild/protobuf';
import { type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { ErrorCode } from '../../../proto/gen/votewire/v1/error_pb.ts';
import {
  StreamVotesRequestSchema,
  type StreamVotesResponse,
  StreamVotesResponseSchema,
} from '../../../proto/gen/votewire/v1/service_pb.ts';
import { waitFor } from '../../../tests/support/wait-for.ts';
import { deserializer, grpcJsClient } from '../../testing/grpc-js-client.ts';
import { openRpcFixture, type RpcFixture } from '../../testing/rpc-fixture.ts';

const vote = (voter: string) => ({ contest: 'cats-vs-dogs', choice: 'cats', voter });
const request = (votes: readonly { voter: string }[]) =>
  Buffer.from(toBinary(StreamVotesRequestSchema, create(StreamVotesRequestSchema, { votes: [...votes] })));

function openStream(fixture: RpcFixture) {
  const client = grpcJsClient(fixture.port);
  const stream = client.makeBidiStreamRequest(
    '/votewire.v1.VoteService/StreamVotes',
    (bytes: Buffer) => bytes,
    deserializer(StreamVotesResponseSchema),
  ) as ClientDuplexStream<Buffer, StreamVotesResponse>;
  const responses: StreamVotesResponse[] = [];
  stream.on('data', (response: StreamVotesResponse) => responses.push(response));
  const ended = new Promise<ServiceError | undefined>((resolve) => {
    stream.on('error', (error: ServiceError) => resolve(error));
    stream.on('end', () => resolve(undefined));
  }).finally(() => client.close());
  return { stream, responses, ended, acknowledged: () => Number(responses.at(-1)?.acknowledged ?? 0) };
}

test('acknowledges votes in order, whatever the order of their outcomes, and names rejected ones', async () => {
  await using fixture = await openRpcFixture();
  fixture.ingress.delay = (answer) => setTimeout(answer, Math.random() * 8);
  const { stream, responses, ended, acknowledged } = openStream(fixture);
  const invalid: number[] = [];
  let sent = 0;
  for (let message = 0; message < 1500; message++) {
    const votes = Array.from({ length: 1 + (message % 4) }, (_, i) => {
      const bad = (sent + i) % 97 === 0;
      if (bad) invalid.push(sent + i);
      return vote(bad ? '' : `v${sent + i}`);
    });
    sent += votes.length;
    if (!stream.write(request(votes))) await once(stream, 'drain');
    if (message % 100 === 0) await delay(1);
  }
  stream.end();
  expect(await ended).toBe(undefined);
  expect(acknowledged()).toBe(sent);
  for (const [i, response] of responses.entries()) {
    expect(i === 0 || response.acknowledged > (responses[i - 1]?.acknowledged ?? 0n)).toBeTruthy();
    for (const { index } of response.rejected) expect(index).toBeLessThan(response.acknowledged);
  }
  const named = responses.flatMap(({ rejected }) => rejected);
  expect(named.map(({ index }) => index)).toStrictEqual(invalid);
  expect(named.every(({ code }) => code === ErrorCode.MISSING_FIELD)).toBeTruthy();
  expect(fixture.ingress.votes.length).toBe(sent - invalid.length);
  // Messages that arrive together go to the codec together, so there are far fewer calls than messages.
  expect(responses.length, `${responses.length} responses`).toBeLessThan(1500);
});

test('malformed protobuf ends the stream after earlier votes are acknowledged', async () => {
  await using fixture = await openRpcFixture();
  const { stream, ended, acknowledged } = openStream(fixture);
  stream.write(request([vote('a'), vote('b')]));
  // The vote is longer than the message; merged with the next message it would look complete.
  stream.write(Buffer.from([0x0a, 10, 0x0a]));
  stream.write(request([vote('c')]));
  const error = await ended;
  expect(error?.code).toBe(status.INVALID_ARGUMENT);
  expect(acknowledged()).toBe(2);
  expect(fixture.ingress.votes.filter((bytes) => bytes.endsWith('63')).length).toBe(0);
});

test('a batch that could not be stored ends the stream; votes before it are acknowledged', async () => {
  await using fixture = await openRpcFixture();
  const { stream, ended, acknowledged } = openStream(fixture);
  stream.write(request([vote('a')]));
  await waitFor(() => acknowledged() === 1);
  fixture.ingress.answerMany = () => ({
    ok: false,
    problem: { code: ErrorCode.OVERLOADED, detail: 'full', retryAfter: 2 },
  });
  stream.write(request([vote('b'), vote('c')]));
  const error = await ended;
  expect(error?.code).toBe(status.UNAVAILABLE);
  expect(error?.details).toBe('full');
  expect(acknowledged()).toBe(1);
});

test('reads a limited number of votes beyond the acknowledged ones', async () => {
  await using fixture = await openRpcFixture();
  const held: (() => void)[] = [];
  fixture.ingress.delay = (answer) => held.push(answer);
  const { stream, ended, acknowledged } = openStream(fixture);
  const batch = request(Array.from({ length: 500 }, (_, i) => vote(`voter-${i}`)));
  let written = 0;
  const write = async () => {
    for (; written < 200_000; written += 500) if (!stream.write(batch)) await once(stream, 'drain');
    stream.end();
  };
  const writing = write();
  await waitFor(() => fixture.ingress.votes.length > 40_000);
  let seen = -1;
  await waitFor(() => {
    const still = seen === fixture.ingress.votes.length;
    seen = fixture.ingress.votes.length;
    return still;
  });
  expect(seen, `${seen} unacknowledged votes`).toBeLessThan(60_000);
  fixture.ingress.delay = setImmediate;
  for (const answer of held) answer();
  await writing;
  expect(await ended).toBe(undefined);
  expect(acknowledged()).toBe(200_000);
});

test('a stop acknowledges votes in flight and ends the stream with UNAVAILABLE', async () => {
  await using fixture = await openRpcFixture();
  const held: (() => void)[] = [];
  fixture.ingress.delay = (answer) => held.push(answer);
  const { stream, ended, acknowledged } = openStream(fixture);
  stream.write(request([vote('a'), vote('b')]));
  await waitFor(() => held.length === 1);
  fixture.rpc.stop();
  held[0]?.();
  const error = await ended;
  expect(error?.code).toBe(status.UNAVAILABLE);
  expect(acknowledged()).toBe(2);
});

test('an empty stream ends with OK, and a canceled one leaves nothing behind', async () => {
  await using fixture = await openRpcFixture();
  const empty = openStream(fixture);
  empty.stream.end();
  expect(await empty.ended).toBe(undefined);

  const held: (() => void)[] = [];
  fixture.ingress.delay = (answer) => held.push(answer);
  const cancelled = openStream(fixture);
  cancelled.stream.write(request([vote('a')]));
  await waitFor(() => held.length === 1);
  cancelled.stream.cancel();
  expect((await cancelled.ended)?.code).toBe(status.CANCELLED);
  await waitFor(() => fixture.rpc.calls === 0);
  held[0]?.();
});
