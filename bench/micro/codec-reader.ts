import { randomBytes } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { Path, VoteBatchSchema } from '../../proto/gen/votewire/v1/vote_pb.ts';
import { BatchReader } from '../../wasm/batch-reader.ts';
import type { VoteCodec } from '../../wasm/codec.ts';
import { loadModule } from '../../wasm/load-module.ts';
import { VoterKeys } from '../../wasm/mac/voter-key.ts';
import { median } from '../statistics/median.ts';
import { cpuNow } from './codec-measure.ts';
import type { CodecCase } from './codec-workload.ts';

export interface ReaderRow {
  readonly name: string;
  /** CPU time of one vote; the median of all rounds. */
  readonly nanoseconds: number;
}

/** What a consumer spends on the entry that a batch became: reading it in one pass, strings, voter keys. */
export function measureReader(codec: VoteCodec, { call, bodies, votes, name }: CodecCase, rounds: number): ReaderRow[] {
  const encoded = codec[call](bodies[0] ?? new Uint8Array());
  const end = encoded.ends[votes - 1] ?? 0;
  const entry = Buffer.concat([Buffer.from([0x08, Path.HTTP]), encoded.bytes.subarray(0, end)]);
  const reader = new BatchReader();
  const keys = new VoterKeys(loadModule('mac'), randomBytes(32));
  const steps: Record<string, () => unknown> = {
    read: () => reader.read(entry),
    'read, make strings': () => {
      reader.read(entry);
      for (let at = 0; at < votes; at++) {
        reader.contest(at);
        reader.choice(at);
        reader.voteId(at);
        reader.attributes(at);
      }
    },
    'voter keys': () => keys.keysOf(entry, reader.voterStarts, reader.voterEnds, votes),
    'protobuf-es, for comparison': () => fromBinary(VoteBatchSchema, entry),
  };
  const times = Object.values(steps).map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    Object.values(steps).forEach((step, at) => {
      const start = cpuNow();
      for (let again = 0; again < 40; again++) step();
      times[at]?.push(((cpuNow() - start) * 1e6) / 40 / votes);
    });
  }
  // The first round warms up.
  return Object.keys(steps).map((step, at) => ({
    name: `${name}: ${step}`,
    nanoseconds: median(times[at]?.slice(1) ?? []),
  }));
}
