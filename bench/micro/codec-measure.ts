import type { VoteCodec } from '../../wasm/codec.ts';
import { median } from '../statistics/median.ts';
import type { CodecCase } from './codec-workload.ts';

export interface CodecRow {
  readonly name: string;
  /** Average size of a vote in its input format, in bytes. */
  readonly bytesPerVote: number;
  /** CPU time of one vote, by the codec's name; the median of all rounds. */
  readonly nanoseconds: Readonly<Record<VoteCodec['name'], number>>;
  /** Time of the TypeScript codec as a multiple of the WebAssembly codec's. */
  readonly ratio: number;
}

export interface CodecMeasureOptions {
  /** Slices of each codec per case; the order alternates. */
  readonly rounds: number;
  /** Length of a slice. */
  readonly sliceMs: number;
  /** Warm-up of each codec per case, so that its code is compiled. Default: a slice. */
  readonly warmUpMs?: number;
}

/** CPU time of this thread in milliseconds, so that other work on the machine does not count. */
function cpuNow(): number {
  if (typeof process.threadCpuUsage !== 'function') return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Measures both codecs alternately on the same work, after a warm-up. */
export function measureCodecs(
  codecs: Readonly<Record<VoteCodec['name'], VoteCodec>>,
  cases: readonly CodecCase[],
  { rounds, sliceMs, warmUpMs = sliceMs }: CodecMeasureOptions,
): CodecRow[] {
  return cases.map((work) => {
    const times = { wasm: [] as number[], typescript: [] as number[] };
    const order = Object.values(codecs);
    for (const codec of order) {
      check(codec, work);
      runSlice(codec, work, warmUpMs);
    }
    for (let round = 0; round < rounds; round++) {
      for (const codec of order) times[codec.name].push(runSlice(codec, work, sliceMs));
      order.reverse();
    }
    const nanoseconds = { wasm: median(times.wasm), typescript: median(times.typescript) };
    const bytes = work.bodies.reduce((sum, body) => sum + body.length, 0);
    return {
      name: work.name,
      bytesPerVote: bytes / work.bodies.length / work.votes,
      nanoseconds,
      ratio: nanoseconds.typescript / nanoseconds.wasm,
    };
  });
}

/** Makes sure that the bench does not time the failure path by mistake. */
function check(codec: VoteCodec, { name, call, bodies, votes, refused }: CodecCase): void {
  for (const body of bodies) {
    const { failure, count } = codec[call](body);
    if (count !== (refused ? 0 : votes) || (failure !== undefined && !refused)) {
      throw new Error(`${codec.name}, ${name}: ${count} votes accepted, failure ${JSON.stringify(failure)}`);
    }
  }
}

/** Runs for about `sliceMs`; returns nanoseconds per vote. */
function runSlice(codec: VoteCodec, { call, bodies, votes }: CodecCase, sliceMs: number): number {
  const start = cpuNow();
  let done = 0;
  let elapsed = 0;
  while (elapsed < sliceMs) {
    // Enough work between two reads of the clock to make their cost negligible.
    for (let at = 0; at < Math.max(1, 4096 / votes); at++) {
      codec[call](bodies[at % bodies.length] as Uint8Array);
      done += votes;
    }
    elapsed = cpuNow() - start;
  }
  return (elapsed * 1e6) / done;
}
