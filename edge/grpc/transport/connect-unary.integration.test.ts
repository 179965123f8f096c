import { connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CastVoteRequestSchema,
  CastVoteResponseSchema,
  CastVotesRequestSchema,
} from '../../../proto/gen/votewire/v1/service_pb.ts';
import { openRpcFixture, type RpcFixture } from '../../testing/rpc-fixture.ts';
import { Transport } from '../../vote/transport.ts';

const vote = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
const one = (fields: Partial<typeof vote>) =>
  Buffer.from(toBinary(CastVoteRequestSchema, create(CastVoteRequestSchema, { vote: { ...vote, ...fields } })));
const many = (choices: readonly string[]) =>
  Buffer.from(
    toBinary(
      CastVotesRequestSchema,
      create(CastVotesRequestSchema, { votes: choices.map((choice) => ({ ...vote, choice })) }),
    ),
  );

interface Case {
  readonly method?: string;
  readonly body: Buffer;
  readonly headers?: Record<string, string>;
  /** The expected HTTP status. */
  readonly status: number;
}

const cases: Record<string, Case> = {
  'a vote': { body: one({}), status: 200 },
  'a vote that waits': { body: Buffer.concat([one({}), Buffer.from([0x10, 1])]), status: 200 },
  'a batch': { method: 'CastVotes', body: many(['cats', 'dogs', 'birds']), status: 200 },
  'an empty batch': { method: 'CastVotes', body: Buffer.alloc(0), status: 400 },
  'an unknown contest': { body: one({ contest: 'none' }), status: 404 },
  'an empty voter': { body: one({ voter: '' }), status: 400 },
  'no message': { body: Buffer.alloc(0), status: 400 },
  'malformed protobuf': { body: Buffer.from([0x0a, 0x7f, 1]), status: 400 },
  'invalid UTF-8': { body: Buffer.concat([one({}).subarray(0, -1), Buffer.from([0xff])]), status: 400 },
  'too many bytes': { body: one({ voter: 'v'.repeat(100_000) }), status: 429 },
  gzip: { body: gzipSync(one({})), headers: { 'content-encoding': 'gzip' }, status: 200 },
  'a deadline': { body: one({}), headers: { 'connect-timeout-ms': '5000' }, status: 200 },
  'an unknown version': { body: one({}), headers: { 'connect-protocol-version': '7' }, status: 200 },
  'a foreign origin': { body: one({}), headers: { origin: 'https://elsewhere.example' }, status: 403 },
};

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: Buffer;
}

function call(port: number, { method = 'CastVote', body, headers }: Case): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`);
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': `/votewire.v1.VoteService/${method}`,
      'content-type': 'application/proto',
      ...headers,
    });
    let answer: Pick<Answer, 'status' | 'type'> = { status: 0, type: undefined };
    const chunks: Buffer[] = [];
    stream.on('response', (head) => {
      answer = { status: head[':status'] ?? 0, type: head['content-type'] };
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () => {
      session.close();
      resolve({ ...answer, body: Buffer.concat(chunks) });
    });
    // In two parts, so that the body arrives in several frames.
    stream.write(body.subarray(0, 3));
    stream.end(body.subarray(3));
  });
}

/** The code and the ErrorInfo; ignores the message, to which our codec adds a position. */
function errorOf({ body }: Answer) {
  const { code, details = [] } = JSON.parse(body.toString()) as { code: string; details?: object[] };
  return { code, errorInfo: details[0] };
}

describe('unary calls of the Connect protocol, direct and through the router', () => {
  let direct: RpcFixture;
  let router: RpcFixture;

  beforeAll(async () => {
    direct = await openRpcFixture();
    router = await openRpcFixture({ mode: 'framework' });
  });

  afterAll(async () => {
    await direct?.[Symbol.asyncDispose]();
    await router?.[Symbol.asyncDispose]();
  });

  test.each(Object.entries(cases))('%s', async (_name, each) => {
    for (const { ingress } of [direct, router]) ingress.votes.length = 0;
    const [ours, theirs] = await Promise.all([call(direct.port, each), call(router.port, each)]);
    expect(ours.status).toBe(each.status);
    expect({ status: ours.status, type: ours.type }).toStrictEqual({ status: theirs.status, type: theirs.type });
    if (each.status === 200) expect(ours.body.toString('hex')).toBe(theirs.body.toString('hex'));
    else expect(errorOf(ours)).toStrictEqual(errorOf(theirs));
    expect(direct.ingress.votes).toStrictEqual(router.ingress.votes);
  });

  test('a vote is logged as sent over Connect', async () => {
    const { body } = await call(direct.port, cases['a vote'] as Case);
    expect(fromBinary(CastVoteResponseSchema, body).receipt).toMatch(/^receipt-/);
    expect(direct.ingress.transports.at(-1)).toBe(Transport.CONNECT);
  });
});
