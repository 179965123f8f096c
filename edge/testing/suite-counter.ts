import { fromBinary } from '@bufbuild/protobuf';
import { VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import type { ContestStore } from '../../store/contests/contest-store.ts';
import { openContestStore } from '../../store/contests/open-contest-store.ts';
import { ensurePartition } from '../../store/deployment/partition.ts';
import { openSettings } from '../../store/deployment/settings.ts';
import { openRedis } from '../../store/redis/redis.ts';
import { listOf, nullable, parseBytes, tupleOf } from '../../store/redis/replies.ts';
import { parseEntryId } from '../../store/streams/entry-id.ts';
import { streamKey, TALLY_GROUP } from '../../store/streams/keys.ts';
import { createTally, type TallyEntry } from '../../store/tally/tally.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { VoterKeys } from '../../wasm/mac/voter-key.ts';

/** For tests of the edge: counts the streams' votes with the store's tally, without a consumer. */
export interface SuiteCounter extends AsyncDisposable {
  readonly contests: ContestStore;
  /** False while the connection to Redis is down. */
  readonly ready: boolean;
  /** Resolves once nothing is being counted. */
  pause(): Promise<void>;
  resume(): void;
}

const parseReply = nullable(tupleOf(parseBytes, listOf(tupleOf(parseBytes, listOf(parseBytes)))));

export async function startSuiteCounter(redisUrl: string): Promise<SuiteCounter> {
  await using opened = new AsyncDisposableStack();
  const redis = opened.use(openRedis({ urls: [redisUrl], name: 'suite-counter', onError: () => undefined }));
  await redis.whenReady();
  const { partitions, secret } = await openSettings(redis, { partitions: undefined, secret: undefined });
  for (let partition = 0; partition < partitions; partition++) await ensurePartition(redis, partition);
  const contests = opened.use(await openContestStore({ redis, partitions }));
  const tally = createTally({
    redis,
    consumer: 'suite',
    voteIdWindowHours: 24,
    ruleOf: (id) => contests.get(id)?.rule,
  });
  const voters = new VoterKeys(loadModule('mac'), secret);

  const count = async (partition: number) => {
    const key = streamKey(partition);
    const reply = await redis.sendBytes(
      key,
      ['XREADGROUP', 'GROUP', TALLY_GROUP, 'suite', 'COUNT', '100', 'STREAMS', key, '>'],
      parseReply,
    );
    const rows = reply?.[1] ?? [];
    const entries = rows.flatMap(([id, fields]) => toEntry(id.toString(), fields[1], voters) ?? []);
    if (entries.length > 0) await tally.count(partition, entries);
  };
  let paused = false;
  let stopped = false;
  const countAll = async () => {
    for (let partition = 0; partition < partitions && !paused && !stopped; partition++) {
      // Redis is down in some tests; entries not counted now are counted later.
      await count(partition).catch(() => undefined);
    }
  };
  let round = Promise.resolve();
  const loop = (async () => {
    while (!stopped) {
      round = countAll();
      await round;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  const resources = opened.move();
  return {
    contests,
    get ready() {
      return redis.ready;
    },
    pause: async () => {
      paused = true;
      await round;
    },
    resume: () => {
      paused = false;
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      await loop;
      await resources.disposeAsync();
    },
  };
}

function toEntry(id: string, bytes: Buffer | undefined, voters: VoterKeys): TallyEntry | undefined {
  const position = parseEntryId(id);
  if (position === undefined || bytes === undefined) return undefined;
  const batch = fromBinary(VoteBatchSchema, bytes);
  const votes = batch.votes.map(({ contest, choice, voter, voteId, sequence }) => ({
    contest,
    choice,
    voter: voters.keyOf(Buffer.from(voter)),
    voteId,
    sequence: Number(sequence),
  }));
  return { id: position, position, notify: batch.notify, votes };
}
