import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import fc from 'fast-check';
import { afterAll, assert, describe, expect, test } from 'vitest';
import { startEdgeProcess } from '../../edge/testing/edge-process.ts';
import { VoteSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { defaultContests } from '../../store/contests/default-contests.ts';
import { openRedis, type Redis } from '../../store/redis/redis.ts';
import { listOf, parseBytes, tupleOf } from '../../store/redis/replies.ts';
import { streamKey } from '../../store/streams/keys.ts';
import { startRedisServer } from '../../supervisor/redis/redis-server.ts';
import { expectEqual } from '../support/expect-equal.ts';
import { connectClient, grpcClient, httpClient, type Outcome, type ParityClient } from './parity-clients.ts';
import { invalidVote, type ParityVote, validVote } from './parity-votes.ts';

/** Votes sent over every transport in batches; SINGLES of them also one by one. */
const VOTES = 10_000;
const SINGLES = process.env.PARITY === 'full' ? VOTES : 1000;
const BATCH = 1000;
/** An answer lists at most 100 rejected votes. */
const REJECTED_BATCH = 100;
const AT_ONCE = 32;
const PARTITIONS = 4;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

const open = new Set(defaultContests.filter(({ rule }) => rule === 'open').map(({ id }) => id));

/** Drains the streams. Returns each vote's partition (`*` if any is allowed) and bytes, sorted. */
async function takeEntries(redis: Redis): Promise<string[]> {
  const found: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const key = streamKey(partition);
    const rows = await redis.sendBytes(key, ['XRANGE', key, '-', '+'], listOf(tupleOf(parseBytes, listOf(parseBytes))));
    for (const [, [, batch]] of rows) {
      assert(batch);
      for (const vote of votesOf(batch)) {
        const { contest, voteId } = fromBinary(VoteSchema, vote);
        const anywhere = open.has(contest) && voteId === '';
        found.push(`${anywhere ? '*' : partition} ${Buffer.from(vote).toString('hex')}`);
      }
    }
    await redis.send(key, ['XTRIM', key, 'MAXLEN', '0']);
  }
  return found.sort();
}

/** The encoded votes of a VoteBatch. */
function votesOf(batch: Buffer): Uint8Array[] {
  const reader = new BinaryReader(batch);
  const votes: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wire] = reader.tag();
    if (field === 4 && wire === WireType.LengthDelimited) votes.push(reader.bytes());
    else reader.skip(wire, field);
  }
  return votes;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<Outcome>): Promise<Outcome[]> {
  const results: Outcome[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i] as T);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

async function inBatches(client: ParityClient, votes: readonly ParityVote[], size: number): Promise<Outcome[]> {
  const results: Outcome[] = [];
  for (let at = 0; at < votes.length; at += size) results.push(...(await client.many(votes.slice(at, at + size))));
  return results;
}

/** Runs `send` over every transport; outcomes and stored bytes must equal those of the first. */
async function assertAlike(
  redis: Redis,
  clients: readonly ParityClient[],
  send: (client: ParityClient) => Promise<Outcome[]>,
) {
  let first: { outcomes: Outcome[]; entries: string[] } | undefined;
  for (const client of clients) {
    const seen = { outcomes: await send(client), entries: await takeEntries(redis) };
    first ??= seen;
    expectEqual(seen.outcomes, first.outcomes, `outcomes over ${client.name}, seed ${seed}`);
    expectEqual(seen.entries, first.entries, `entries over ${client.name}, seed ${seed}`);
    expect(seen.entries.length).toBe(seen.outcomes.filter((outcome) => outcome === 'ok').length);
  }
  return first?.outcomes ?? [];
}

describe('every transport stores the same bytes and rejects with the same code', () => {
  const valid = fc.sample(validVote, { numRuns: VOTES, seed });
  const invalid = fc.sample(invalidVote, { numRuns: VOTES, seed });
  const dir = mkdtempSync(join(tmpdir(), 'votewire-parity-'));

  test(`${VOTES} valid and ${VOTES} invalid votes in batches, ${SINGLES} of each one by one`, async () => {
    await using server = await startRedisServer({ dir });
    await using edge = await startEdgeProcess('node', {
      REDIS_URL: server.url,
      DATA_DIR: dir,
      PARTITIONS: `${PARTITIONS}`,
    });
    await using redis = openRedis({ urls: [server.url], name: 'parity' });
    await redis.whenReady();
    const port = Number(new URL(edge.httpUrl).port);
    using http = httpClient(port);
    using grpc = grpcClient(port);
    using connect = connectClient(port);
    const clients = [http, grpc, connect];

    const taken = await assertAlike(redis, clients, (client) => inBatches(client, valid, BATCH));
    expect(taken.every((outcome) => outcome === 'ok')).toBeTruthy();
    const refused = await assertAlike(redis, clients, (client) => inBatches(client, invalid, REJECTED_BATCH));
    expect([...new Set(refused)].sort()).toStrictEqual([
      'invalid_character',
      'missing_field',
      'out_of_range',
      'too_long',
      'too_many_attributes',
      'unknown_choice',
      'unknown_contest',
    ]);
    const singles = [...valid.slice(0, SINGLES), ...invalid.slice(0, SINGLES)];
    const outcomes = await assertAlike(redis, clients, (client) => inParallel(singles, client.one));
    expect(outcomes).toStrictEqual([...taken.slice(0, SINGLES), ...refused.slice(0, SINGLES)]);
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
});
