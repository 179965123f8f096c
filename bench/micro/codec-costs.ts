import { spawnSync } from 'node:child_process';
import { loadModule } from '../../wasm/load-module.ts';
import { TsCodec } from '../../wasm/ts-codec.ts';
import { WasmCodec } from '../../wasm/wasm-codec.ts';
import type { CodecCost } from '../report/report.ts';
import { estimate } from '../statistics/median.ts';
import { type Core, pinned } from '../targets/process/placement.ts';
import { ROOT } from '../targets/process/runtimes.ts';
import { type CodecRow, measureCodecs } from './codec-measure.ts';
import { CODEC_BENCH_TABLE, codecCases } from './codec-workload.ts';

/** The work of both paths: the formats of HTTP and of gRPC. */
const WORK = ['JSON', 'NDJSON of 500', 'protobuf', 'protobuf of 500'];
const MEASURE = { rounds: 7, sliceMs: 20, warmUpMs: 100 } as const;

/**
 * Measures both codecs alone, in `rounds` processes, one after the other on `core`.
 *
 * @throws {Error} if such a process fails, with its output
 */
export function measureCodecCosts(core: Core, rounds: number): CodecCost[] {
  return codecCosts(Array.from({ length: rounds }, () => measureInProcess(core)));
}

/** Summarizes the same cases, measured in several rounds. */
export function codecCosts(measured: readonly (readonly CodecRow[])[]): CodecCost[] {
  return (measured[0] ?? []).flatMap(({ name, bytesPerVote }, place) =>
    (['wasm', 'typescript'] as const).map((codec) => ({
      codec,
      work: name,
      bytesPerVote,
      nanosecondsPerVote: estimate(measured.map((rows) => rows[place]?.nanoseconds[codec] ?? Number.NaN)),
      rounds: measured.length,
    })),
  );
}

function measureInProcess(core: Core): CodecRow[] {
  const [program, ...args] = pinned(core, [process.execPath, `${ROOT}/bench/micro/codec-costs.ts`]);
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the codecs could not be measured:\n${stderr}`);
  return JSON.parse(stdout) as CodecRow[];
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const codecs = { wasm: new WasmCodec(loadModule('codec')), typescript: new TsCodec() };
  for (const codec of Object.values(codecs)) codec.configure(CODEC_BENCH_TABLE);
  const cases = codecCases().filter(({ name }) => WORK.includes(name));
  cases.sort((a, b) => WORK.indexOf(a.name) - WORK.indexOf(b.name));
  console.log(JSON.stringify(measureCodecs(codecs, cases, MEASURE)));
}
