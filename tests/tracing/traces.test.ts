import { randomBytes } from 'node:crypto';
import { type Client, createClient } from '@connectrpc/connect';
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from '@connectrpc/connect-node';
import { afterAll, assert, beforeAll, describe, expect, test } from 'vitest';
import { VoteService } from '../../proto/gen/votewire/v1/service_pb.ts';
import { listDeadLetters, replayDeadLetter } from '../../store/streams/dead-letters.ts';
import { streamKey, tallyKey } from '../../store/streams/keys.ts';
import { waitFor } from '../support/wait-for.ts';
import { type SeenSpan, startTracedSystem, type TracedSystem } from './traced-system.ts';

const CLIENT_SPAN = '00f067aa0ba902b7';
const PARTITIONS = 4;
const vote = (voter: string) => ({ contest: 'cats-vs-dogs', choice: 'cats', voter });
const newTrace = () => {
  const id = randomBytes(16).toString('hex');
  return { id, headers: { traceparent: `00-${id}-${CLIENT_SPAN}-01` } };
};

describe('every request is traced', () => {
  let system: TracedSystem;
  let sessions: Http2SessionManager;
  beforeAll(async () => {
    system = await startTracedSystem();
    sessions = new Http2SessionManager(system.url);
  });
  afterAll(async () => {
    sessions?.abort();
    await system?.[Symbol.asyncDispose]();
  });

  const post = async (body: string, headers: Record<string, string>, query = '') => {
    const answer = await fetch(`${system.url}/v1/votes${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  const rpc = (protocol: 'grpc' | 'grpc-web' | 'connect' | 'connect-json'): Client<typeof VoteService> => {
    const options = { baseUrl: system.url, httpVersion: '2', sessionManager: sessions } as const;
    if (protocol === 'grpc') return createClient(VoteService, createGrpcTransport(options));
    if (protocol === 'grpc-web') return createClient(VoteService, createGrpcWebTransport(options));
    return createClient(VoteService, createConnectTransport({ ...options, useBinaryFormat: protocol === 'connect' }));
  };
  const castOver = (protocol: Parameters<typeof rpc>[0]) => (headers: Record<string, string>) =>
    rpc(protocol).castVote({ vote: vote(randomBytes(6).toString('hex')) }, { headers });
  /** The spans of a trace once the tally and the log have handled its entries. */
  const complete = (traceId: string, entries = 1) =>
    found(
      () => {
        const spans = system.trace(traceId);
        return spans.length >= 1 + 3 * entries && spans;
      },
      `${1 + 3 * entries} spans`,
    );

  const RPC = 'votewire.v1.VoteService/CastVote';
  test.each<[string, string, (headers: Record<string, string>) => Promise<unknown>]>([
    ['HTTP, recognized', 'POST /v1/votes', (headers) => post(JSON.stringify(vote('ana')), headers)],
    [
      'HTTP, by node:http',
      'POST /v1/votes',
      (headers) => post(JSON.stringify(vote('eva')), { ...headers, origin: system.url }),
    ],
    ['HTTP, waiting', 'POST /v1/votes', (headers) => post(JSON.stringify(vote('luis')), headers, '?wait=counted')],
    ['gRPC', RPC, castOver('grpc')],
    ['gRPC-Web', RPC, castOver('grpc-web')],
    ['Connect', RPC, castOver('connect')],
    ['Connect with JSON', RPC, castOver('connect-json')],
  ])('one trace shows ingress, stream, tally and log of one vote: %s', async (_, name, cast) => {
    const { id, headers } = newTrace();
    await cast(headers);
    const spans = await complete(id);
    const ingress = only(spans, (span) => span.name === name);
    const stream = only(spans, (span) => /^XADD \{p\d\}:votes$/.test(span.name));
    const tally = only(spans, (span) => span.name.startsWith('tally {p'));
    const log = only(spans, (span) => span.name.startsWith('log {p'));
    expect(spans.length).toBe(4);
    expect(spans.map(({ failed }) => failed)).not.toContain(true);
    expect([ingress.parent, stream.parent, tally.parent, log.parent]).toStrictEqual([
      CLIENT_SPAN,
      ingress.id,
      stream.id,
      stream.id,
    ]);
    expect([ingress.service, tally.service, log.service]).toStrictEqual([
      'votewire-edge',
      'votewire-consumer',
      'votewire-consumer',
    ]);
    expect(ingress.attributes['votewire.votes']).toBe(1);
    const entry = stream.attributes['messaging.message.id'];
    expect(entry).toMatch(/^\d+-\d+$/);
    expect([tally.attributes['messaging.message.id'], log.attributes['messaging.message.id']]).toStrictEqual([
      entry,
      entry,
    ]);
  });

  test('a batch is one request, with a span for each entry that its votes went to', async () => {
    const { id, headers } = newTrace();
    const lines = Array.from({ length: 100 }, (_, at) => JSON.stringify(vote(`b${at}`))).join('\n');
    expect(await post(lines, { ...headers, 'content-type': 'application/x-ndjson' })).toBe(202);
    const spans = await complete(id, PARTITIONS);
    expect(spans.filter(({ name }) => name === 'POST /v1/votes').map(votesOf)).toStrictEqual([100]);
    for (const kind of ['XADD', 'tally', 'log']) {
      expect(spans.filter(({ name }) => name.startsWith(`${kind} `)).length, kind).toBe(PARTITIONS);
    }
  });

  test('each batch of a vote stream has a span', async () => {
    const { id, headers } = newTrace();
    async function* requests() {
      for (const voter of ['s1', 's2']) yield { votes: [vote(voter)] };
    }
    for await (const _ of rpc('grpc').streamVotes(requests(), { headers }));
    const spans = await found(() => {
      const seen = system.trace(id);
      return seen.some(({ name }) => name.startsWith('log ')) && seen;
    });
    const batches = spans.filter(({ name }) => name === 'votewire.v1.VoteService/StreamVotes');
    expect(batches.reduce((sum, span) => sum + votesOf(span), 0)).toBe(2);
  });

  test('the trace of a rejected vote ends at the edge and is not a failure', async () => {
    const { id, headers } = newTrace();
    expect(await post('{"contest":"none","choice":"cats","voter":"ana"}', headers)).toBe(404);
    const [span, ...others] = await found(() => {
      const spans = system.trace(id);
      return spans.length > 0 && spans;
    });
    assert(span);
    expect([span.attributes['http.response.status_code'], span.failed, others.length]).toStrictEqual([404, false, 0]);
  });

  test('a caller that does not sample gets no trace; one without a traceparent starts a new trace', async () => {
    const { id } = newTrace();
    await post(JSON.stringify(vote('ana')), { traceparent: `00-${id}-${CLIENT_SPAN}-00` });
    const before = new Set(system.traceIds());
    await post(JSON.stringify(vote('ana')), { traceparent: 'nonsense' });
    const own = await found(() => system.traceIds().find((traceId) => !before.has(traceId)));
    const spans = await complete(own);
    expect(only(spans, ({ name }) => name === 'POST /v1/votes').parent).toBeUndefined();
    expect(system.trace(id)).toStrictEqual([]);
  });

  test('a dead letter keeps its trace through the replay', async () => {
    const { redis } = system;
    const { id, headers } = newTrace();
    const place = await failVote(headers);
    const failed = await found(() => system.trace(id).find(({ name, failed }) => name.startsWith('tally ') && failed));
    expect(failed.attributes['messaging.message.id']).toBe(place.id);
    expect(JSON.parse(system.lines.find((line) => line.includes('Dead letter')) ?? '{}')).toMatchObject({
      partition: place.partition,
      group: 'tally',
      id: place.id,
      traceIds: [id],
    });
    await place.repair();
    const newId = await replayDeadLetter(redis, { ...place, group: 'tally' });
    assert(newId);
    const replayed = await found(() =>
      system.trace(id).find(({ attributes }) => attributes['votewire.replay_of'] === place.id),
    );
    expect([replayed.failed, replayed.parent, replayed.attributes['messaging.message.id']]).toStrictEqual([
      false,
      failed.parent,
      newId,
    ]);
    // The log has the vote from the first entry, and skips the replay.
    const logged = await found(() => {
      const spans = system.trace(id).filter(({ name }) => name.startsWith('log '));
      return spans.length > 0 && spans;
    });
    expect(logged.map(({ attributes }) => attributes['messaging.message.id'])).toStrictEqual([place.id]);
  });

  /** Casts a vote that cannot be counted until `repair`: the tally of its contest is corrupt. */
  async function failVote(headers: Record<string, string>) {
    const { redis } = system;
    const { contest, choice, voter } = vote('corrupt');
    const keys = Array.from({ length: PARTITIONS }, (_, partition) => tallyKey(partition, contest));
    const before = await Promise.all(keys.map((key) => redis.send(key, ['HGET', key, choice])));
    for (const key of keys) await redis.send(key, ['HSET', key, choice, 'x']);
    expect(await post(JSON.stringify({ contest, choice, voter }), headers)).toBe(202);
    const letter = await found(async () => {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const [first] = await listDeadLetters(redis, partition);
        if (first !== undefined) return { partition, id: first.id };
      }
      return undefined;
    });
    return {
      ...letter,
      async repair() {
        for (const [at, key] of keys.entries()) {
          const value = before[at];
          await redis.send(key, value === null ? ['HDEL', key, choice] : ['HSET', key, choice, String(value)]);
        }
      },
    };
  }
});

test('without sampling, entries have no traceparent and nothing is recorded', async () => {
  await using system = await startTracedSystem({ OTEL_TRACES_SAMPLER: 'always_off', CONSUMER_GROUPS: 'tally' });
  const { headers } = newTrace();
  const answer = await fetch(`${system.url}/v1/votes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(vote('ana')),
  });
  expect(answer.status).toBe(202);
  const entries = await Promise.all(
    Array.from({ length: PARTITIONS }, (_, partition) => {
      const key = streamKey(partition);
      return system.redis.send(key, ['XRANGE', key, '-', '+']);
    }),
  );
  expect(JSON.stringify(entries)).toContain('"b"');
  expect(JSON.stringify(entries)).not.toContain('traceparent');
  expect(system.traceIds()).toStrictEqual([]);
});

async function found<T>(look: () => T | Promise<T>, what = 'found'): Promise<NonNullable<Exclude<T, false>>> {
  let result: T | undefined;
  await waitFor(
    async () => {
      result = await look();
      return Boolean(result);
    },
    { what },
  );
  return result as NonNullable<Exclude<T, false>>;
}

function only(spans: readonly SeenSpan[], matches: (span: SeenSpan) => boolean): SeenSpan {
  const found = spans.filter(matches);
  assert(found[0] !== undefined && found.length === 1, JSON.stringify(spans, null, 1));
  return found[0];
}

function votesOf({ attributes }: SeenSpan): number {
  return Number(attributes['votewire.votes']);
}
