import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { afterAll, describe, expect, test } from 'vitest';
import { hashKey } from '../../../config/secrets/hashed-keys.ts';
import { CastVotesRequestSchema, VoteService } from '../../../proto/gen/votewire/v1/service_pb.ts';
import { VoteSchema } from '../../../proto/gen/votewire/v1/vote_pb.ts';
import { openContestStore } from '../../../store/contests/open-contest-store.ts';
import type { Redis } from '../../../store/redis/redis.ts';
import type { EdgeProcess, EdgeRuntime } from '../../testing/edge-process.ts';
import { useEdge } from '../../testing/use-edge.ts';

const VOTE = { contest: 'cats-vs-dogs', choice: 'cats', voter: 'ana' };
const hash = (key: string) => hashKey(key).toString('hex');
const KEYS = `tv:${hash('key-one')},web:${hash('key-two')}:bandas`;

testKeys('node', 'direct');
testKeys('node', 'framework');
testKeys('bun', 'direct');
testKeys('deno', 'direct');

/** Sends one vote for a contest under an Authorization header, and resolves to `ok` or the code of the problem. */
type Cast = (contest: string, authorization: string | undefined) => Promise<string>;

/** Checks over every transport that with PRODUCER_KEYS set, no named voter is accepted without a key. */
function testKeys(runtime: EdgeRuntime, ingress: 'direct' | 'framework'): void {
  describe(`producer keys on ${runtime}, INGRESS=${ingress}`, () => {
    let edge: EdgeProcess;
    let sessions: Http2SessionManager;
    // No consumer is running.
    const env = { INGRESS: ingress, PRODUCER_KEYS: KEYS, WAIT_TIMEOUT_MS: '200' };
    const prepare = async (redis: Redis) => {
      await using contests = await openContestStore({ redis, partitions: 4 });
      expect((await contests.update('visits', { browsersOnly: true })).ok).toBe(true);
    };
    useEdge({ runtime, env, prepare }, (started) => {
      ({ edge } = started);
      sessions = new Http2SessionManager(edge.httpUrl);
    });
    afterAll(() => sessions?.abort());

    const vote = (contest: string): MessageInitShape<typeof VoteSchema> => ({
      ...VOTE,
      contest,
      choice: CHOICES[contest] ?? 'x',
    });
    const post = async (type: string, body: string | Uint8Array<ArrayBuffer>, authorization: string | undefined) => {
      const headers = { 'content-type': type, ...(authorization !== undefined && { authorization }) };
      const response = await fetch(`${edge.httpUrl}/v1/votes`, { method: 'POST', headers, body });
      const reply = (await response.json()) as { code?: string; rejected?: { code: string }[] };
      return reply.code ?? reply.rejected?.[0]?.code ?? 'ok';
    };
    const rpc = (protocol: keyof typeof TRANSPORTS, call: 'castVote' | 'castVotes' | 'streamVotes'): Cast => {
      return async (contest, authorization) => {
        const baseUrl = edge.httpUrl;
        const transport = TRANSPORTS[protocol]({ baseUrl, httpVersion: '2', sessionManager: sessions });
        const client = createClient(VoteService, transport);
        const options = authorization === undefined ? {} : { headers: { authorization } };
        const votes = [vote(contest)];
        const rejected: { code: number }[] = [];
        try {
          if (call === 'castVote') await client.castVote({ vote: vote(contest) }, options);
          else if (call === 'castVotes') rejected.push(...(await client.castVotes({ votes }, options)).rejected);
          else {
            const messages = (async function* () {
              yield { votes };
            })();
            for await (const reply of client.streamVotes(messages, options)) rejected.push(...reply.rejected);
          }
        } catch (error) {
          return NAMES[ConnectError.from(error).code] ?? String(error);
        }
        return rejected.length > 0 ? 'forbidden' : 'ok';
      };
    };
    const bytes = (message: Uint8Array) => Uint8Array.from(message);

    /** Adds a header that the fast parser does not recognize, so that the connection is handed to node:http. */
    const onNode: Cast = async (contest, auth) => {
      const headers = {
        'content-type': 'application/json',
        expect: '100-continue',
        ...(auth && { authorization: auth }),
      };
      const body = JSON.stringify(vote(contest));
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        const sent = httpRequest(`${edge.httpUrl}/v1/votes`, { method: 'POST', headers }, resolve);
        sent.on('error', reject).end(body);
      });
      return (JSON.parse(Buffer.concat(await answer.toArray()).toString()) as { code?: string }).code ?? 'ok';
    };
    const overHttp2: Cast = async (contest, auth) => {
      const session = connectHttp2(edge.httpUrl);
      const stream = session.request({
        ...{ ':method': 'POST', ':path': '/v1/votes', 'content-type': 'application/json' },
        ...(auth !== undefined && { authorization: auth }),
      });
      stream.end(JSON.stringify(vote(contest)));
      const text = Buffer.concat(await stream.toArray()).toString();
      session.close();
      return (JSON.parse(text) as { code?: string }).code ?? 'ok';
    };

    const paths: Record<string, Cast> = {
      'HTTP/1.1 of node:http': onNode,
      'HTTP/2, JSON': overHttp2,
      'HTTP, JSON': (contest, auth) => post('application/json', JSON.stringify(vote(contest)), auth),
      'HTTP, NDJSON': (contest, auth) => post('application/x-ndjson', JSON.stringify(vote(contest)), auth),
      'HTTP, protobuf': (contest, auth) =>
        post(
          'application/protobuf;proto=votewire.v1.Vote',
          bytes(toBinary(VoteSchema, create(VoteSchema, vote(contest)))),
          auth,
        ),
      'HTTP, protobuf batch': (contest, auth) =>
        post(
          'application/protobuf',
          bytes(toBinary(CastVotesRequestSchema, create(CastVotesRequestSchema, { votes: [vote(contest)] }))),
          auth,
        ),
    };
    for (const protocol of ['grpc', 'grpc-web', 'connect'] as const) {
      for (const call of ['castVote', 'castVotes', 'streamVotes'] as const) {
        // gRPC-Web cannot stream requests.
        if (protocol !== 'grpc-web' || call !== 'streamVotes') paths[`${protocol}, ${call}`] = rpc(protocol, call);
      }
    }

    for (const [path, cast] of Object.entries(paths)) {
      test(`${path}: a key is required, and is valid for its contests only`, async () => {
        expect(await cast('cats-vs-dogs', undefined), 'no key').toBe('unauthenticated');
        expect(await cast('cats-vs-dogs', 'Bearer key-three'), 'unknown key').toBe('unauthenticated');
        expect(await cast('cats-vs-dogs', `Bearer ${hash('key-one')}`), 'the hash').toBe('unauthenticated');
        expect(await cast('cats-vs-dogs', 'Bearer key-one'), 'a key').toBe('ok');
        expect(await cast('bandas', 'Bearer key-two'), 'a key of the contest').toBe('ok');
        expect(await cast('cats-vs-dogs', 'Bearer key-two'), 'a key of another contest').toBe('forbidden');
        expect(await cast('visits', 'Bearer key-one'), 'a contest for browsers only').toBe('forbidden');
      });
    }

    test('rejects a form that names a voter or comes from a program', async () => {
      const form = (body: string, more: Record<string, string>) =>
        fetch(`${edge.httpUrl}/v1/votes`, {
          method: 'POST',
          headers: { 'content-type': 'application/x-www-form-urlencoded', ...more },
          body,
        });
      const named = 'contest=cats-vs-dogs&choice=cats&voter=ana';
      expect((await form(named, { origin: edge.httpUrl })).status).toBe(422);
      expect((await form(named, {})).status).toBe(403);
      expect((await form(named, { authorization: 'Bearer key-one' })).status).toBe(403);
      expect((await form('contest=cats-vs-dogs&choice=cats', { origin: edge.httpUrl })).status).toBe(401);
    });

    test('the vote page and visits need no key', async () => {
      const page = await fetch(`${edge.httpUrl}/c/cats-vs-dogs`);
      const cookie = page.headers
        .getSetCookie()
        .map((line) => line.split(';')[0])
        .join('; ');
      const answer = await fetch(`${edge.httpUrl}/v1/votes`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie, origin: edge.httpUrl, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'contest=cats-vs-dogs&choice=cats',
      });
      expect(answer.status).toBe(303);
      expect((await fetch(`${edge.httpUrl}/visits`)).status).toBeLessThan(300);
      expect(edge.output()).not.toMatch(/Producers are open/);
    });
  });
}

const CHOICES: Readonly<Record<string, string>> = { 'cats-vs-dogs': 'cats', bandas: 'la-tona', visits: 'visit' };
const NAMES: Readonly<Record<number, string>> = {
  [Code.Unauthenticated]: 'unauthenticated',
  [Code.PermissionDenied]: 'forbidden',
};
const TRANSPORTS = {
  grpc: createGrpcTransport,
  'grpc-web': createGrpcWebTransport,
  connect: createConnectTransport,
} as const;
