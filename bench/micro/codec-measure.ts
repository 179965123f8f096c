import type { VoteCodec } from '../../wasm/codec.ts';
import { median } from '../statistics/median.ts';
import type { CodecCase } from './codec-workload.ts';

export interface CodecRow {
  readonly name: string;
  /** Bytes of a vote as it came in, on average. */
  readonly bytesPerVote: number;
  /** CPU time of one vote, by the codec's name; the median of all rounds. */
  readonly nanoseconds: Readonly<Record<VoteCodec['name'], number>>;
  /** How many times the TypeScript codec's time is that of the WebAssembly one. */
  readonly ratio: number;
}

export interface CodecMeasureOptions {
  /** Slices that each codec gets in each case; the order turns round each time. */
  readonly rounds: number;
  /** How long a slice is. */
  readonly sliceMs: number;
  /** How long each codec works on a case before it is measured: until its code is compiled. Default: a slice. */
  readonly warmUpMs?: number;
}

/** CPU time of this thread in milliseconds, so that other work on the machine does not count. */
function cpuNow(): number {
  if (typeof process.threadCpuUsage !== 'function') return performance.now();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Lets both codecs do the same work in turns, once they are warm. */
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

/** A bench that timed the failure path by mistake would be worth nothing. */
function check(codec: VoteCodec, { name, call, bodies, votes, refused }: CodecCase): void {
  for (const body of bodies) {
    const { failure, count } = codec[call](body);
    if (count !== (refused ? 0 : votes) || (failure !== undefined && !refused)) {
      throw new Error(`${codec.name}, ${name}: ${count} votes accepted, failure ${JSON.stringify(failure)}`);
    }
  }
}

/** Works for about `sliceMs`; returns nanoseconds a vote. */
function runSlice(codec: VoteCodec, { call, bodies, votes }: CodecCase, sliceMs: number): number {
  const start = cpuNow();
  let done = 0;
  let elapsed = 0;
  while (elapsed < sliceMs) {
    // Enough between two looks at the clock that they do not count.
    for (let at = 0; at < Math.max(1, 4096 / votes); at++) {
      codec[call](bodies[at % bodies.length] as Uint8Array);
      done += votes;
    }
    elapsed = cpuNow() - start;
  }
  return (elapsed * 1e6) / done;
}
